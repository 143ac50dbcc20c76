"""The workers can be asked to rehearse a rollback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None

BEFORE = ("run_step", "purge", "rollback", "check", "headers", "preview", "verify_snapshot")


def upgrade() -> None:
    _allow(*BEFORE, "drill")


def downgrade() -> None:
    op.execute("DELETE FROM action WHERE kind = 'drill'")
    _allow(*BEFORE)


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("action") as table:
        table.drop_constraint(op.f("ck_action_kind"), type_="check")
        table.create_check_constraint(op.f("ck_action_kind"), sa.text(f"kind IN ({listed})"))
