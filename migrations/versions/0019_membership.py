"""Who is in a user group or on call, as it was known last; and where an approval came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision: str | None = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "membership",
        sa.Column(
            "name",
            sa.String(),
            nullable=False,
            comment="Which user group or schedule? As the catalog names it.",
        ),
        sa.Column("people", sa.JSON(), nullable=False, comment="Who is in it? Slack ids."),
        sa.Column(
            "strangers",
            sa.Integer(),
            nullable=False,
            comment="How many more does it name, whom Slack does not know?",
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When was that asked? Empty: only a change is known.",
        ),
        sa.Column(
            "doubted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When did Slack say last that it changed? Empty: never.",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_membership")),
        comment="The last good copy of each user group and schedule, for when Slack or PagerDuty is silent.",
    )
    op.add_column(
        "approval",
        sa.Column(
            "required_from",
            sa.String(),
            nullable=True,
            comment="For which group or person that is required does it count? Empty: for none.",
        ),
    )


def downgrade() -> None:
    with op.batch_alter_table("approval") as table:
        table.drop_column("required_from")
    op.drop_table("membership")
