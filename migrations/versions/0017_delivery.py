"""What may stand in Slack unheard of, what a person waits for, and the pace of all senders together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "way_out",
        sa.Column(
            "name",
            sa.String(),
            nullable=False,
            comment="Which way out? A method, and the channel where that counts.",
        ),
        sa.Column(
            "recent", sa.JSON(), nullable=False, comment="When was it called lately? Unix seconds."
        ),
        sa.Column(
            "shut_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when were we told to wait? Empty: we were not.",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_way_out")),
        comment="How fast messages go out, counted over all processes.",
    )
    with op.batch_alter_table("outbox") as table:
        table.add_column(
            sa.Column(
                "hurry",
                sa.Boolean(),
                nullable=False,
                server_default=sa.true(),
                comment="Does it go before the redraws of progress?",
            )
        )
        table.add_column(
            sa.Column(
                "unsure_since",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="Since when may it stand in Slack without our knowing? Empty: it does not.",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.drop_column("unsure_since")
        table.drop_column("hurry")
    op.drop_table("way_out")
