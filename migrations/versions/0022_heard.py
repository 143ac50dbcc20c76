"""Signed requests of the last minutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="Which request? A hash of its time and signature.",
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When was it heard? After ten minutes it is forgotten.",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_heard")),
        comment="Signed requests of the last minutes: none is heard twice.",
    )
    op.create_index(op.f("ix_heard_at"), "heard", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("heard")
