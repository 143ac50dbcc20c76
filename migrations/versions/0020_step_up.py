"""Second factors for purges in production."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("person", sa.String(), nullable=False, comment="Whose second factor?"),
        sa.Column(
            "sealed", sa.Text(), nullable=False, comment="What is its secret? Encrypted, base64."
        ),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="How often was this row written?"
        ),
        sa.Column(
            "enrolled_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when does it count? Empty: not yet.",
        ),
        sa.Column(
            "proved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When was a code of it proved last?",
        ),
        sa.Column(
            "counter",
            sa.Integer(),
            nullable=False,
            comment="Which 30 s step had the last code that was taken?",
        ),
        sa.Column(
            "wrong",
            sa.Integer(),
            nullable=False,
            comment="How many codes were wrong since the one that was right?",
        ),
        sa.Column(
            "wrong_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when are they counted?",
        ),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_enrolment")),
        comment="What a person proves with before a purge in production, where that is asked for.",
    )


def downgrade() -> None:
    op.drop_table("enrolment")
