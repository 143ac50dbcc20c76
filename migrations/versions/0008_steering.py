"""A purge can be told to pause, to go on, to end, and to change its pace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None

BEFORE = ("accepted", "running", "done", "failed", "unknown")
AFTER = ("accepted", "running", "paused", "done", "failed", "unknown")
CONTROLS = ("run", "pause", "stop")
ADDED = ("control", "control_by", "control_at", "pace", "resumed")


def upgrade() -> None:
    with op.batch_alter_table("action") as table:
        table.add_column(
            sa.Column(
                "control",
                sa.String(),
                nullable=False,
                server_default="run",
                comment="What was it told: run, pause or stop?",
            )
        )
        table.add_column(
            sa.Column(
                "control_by", sa.String(), nullable=True, comment="Who told it? Empty: nobody yet."
            )
        )
        table.add_column(
            sa.Column(
                "control_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When was it told?",
            )
        )
        table.add_column(
            sa.Column(
                "pace", sa.String(), nullable=True, comment="At which pace? Empty: the catalog's."
            )
        )
        table.add_column(
            sa.Column(
                "resumed",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="How often did it go on after a pause?",
            )
        )
        table.drop_constraint(op.f("ck_action_state"), type_="check")
        table.create_check_constraint(op.f("ck_action_state"), _one_of("state", AFTER))
        table.create_check_constraint(op.f("ck_action_control"), _one_of("control", CONTROLS))


def downgrade() -> None:
    op.execute("UPDATE action SET state = 'unknown' WHERE state = 'paused'")
    with op.batch_alter_table("action") as table:
        table.drop_constraint(op.f("ck_action_control"), type_="check")
        table.drop_constraint(op.f("ck_action_state"), type_="check")
        table.create_check_constraint(op.f("ck_action_state"), _one_of("state", BEFORE))
        for name in ADDED:
            table.drop_column(name)


def _one_of(column: str, words: tuple[str, ...]) -> sa.TextClause:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.text(f"{column} IN ({listed})")
