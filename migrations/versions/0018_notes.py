"""What people added to the timeline of a release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision: str | None = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="Which line? From its message: added twice is once.",
        ),
        sa.Column("release_id", sa.Integer(), nullable=False, comment="To which release?"),
        sa.Column("text", sa.Text(), nullable=False, comment="What was said?"),
        sa.Column("by", sa.String(), nullable=False, comment="Who added it?"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When was it added?"),
        sa.Column("said_by", sa.String(), nullable=False, comment="Who said it?"),
        sa.Column(
            "said_at", sa.DateTime(timezone=True), nullable=False, comment="When was it said?"
        ),
        sa.Column(
            "link",
            sa.Text(),
            nullable=True,
            comment="Where does the message stand? Empty: it is no message of its own.",
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_note_release_id_release")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_note")),
        comment="What people added to the timeline of a release.",
    )
    op.create_index(op.f("ix_note_release_id"), "note", ["release_id"], unique=False)


def downgrade() -> None:
    op.drop_table("note")
