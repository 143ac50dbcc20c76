"""A release is rehearsed elsewhere first, or an approver waives that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None

BEFORE = (
    "run_step",
    "purge",
    "rollback",
    "check",
    "headers",
    "preview",
    "verify_snapshot",
    "drill",
)


def upgrade() -> None:
    _allow(*BEFORE, "rehearse")
    op.create_table(
        "rehearsal_waiver",
        sa.Column(
            "release_id", sa.Integer(), nullable=False, comment="Which release may start so?"
        ),
        sa.Column("given_by", sa.String(), nullable=False, comment="Which approver said so?"),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, comment="When?"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why is there no rehearsal?"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_rehearsal_waiver_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_rehearsal_waiver")),
        comment="Releases that may start without a rehearsal; once for each.",
    )


def downgrade() -> None:
    op.drop_table("rehearsal_waiver")
    op.execute(
        "DELETE FROM op_step WHERE action_key IN (SELECT key FROM action WHERE kind = 'rehearse')"
    )
    op.execute("DELETE FROM action WHERE kind = 'rehearse'")
    _allow(*BEFORE)


def _allow(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("action") as table:
        table.drop_constraint(op.f("ck_action_kind"), type_="check")
        table.create_check_constraint(op.f("ck_action_kind"), sa.text(f"kind IN ({listed})"))
