"""A release is watched after its last step, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

RELEASE_BEFORE = ("open", "done", "abandoned", "rolling_back", "rolled_back", "rollback_failed")
RELEASE_AFTER = ("open", "watching", *RELEASE_BEFORE[1:])
KINDS_BEFORE = (
    "run_step",
    "purge",
    "rollback",
    "check",
    "headers",
    "preview",
    "verify_snapshot",
    "drill",
    "rehearse",
)
TIMER_STATES = ("armed", "fired", "done", "missed", "cancelled")


def upgrade() -> None:
    _allow("release", "state", RELEASE_AFTER)
    _allow("action", "kind", (*KINDS_BEFORE, "watch"))
    op.create_table(
        "timer",
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="Which moment? Also the name of the work it starts.",
        ),
        sa.Column("release_id", sa.Integer(), nullable=False, comment="Of which release?"),
        sa.Column("kind", sa.String(), nullable=False, comment="What for?"),
        sa.Column("number", sa.Integer(), nullable=False, comment="Which of them, from 1?"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="When is it due?"),
        sa.Column(
            "state",
            sa.String(),
            nullable=False,
            comment="Waited for, fired, done, missed or cancelled?",
        ),
        sa.Column(
            "fired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When was it acted on? Empty: it was not.",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timer")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_timer_release_id_release")
        ),
        sa.CheckConstraint(_one_of("state", TIMER_STATES), name=op.f("ck_timer_state")),
        comment="Moments that the clock waits for, such as the minutes of a watch; each is acted on once.",
    )
    op.create_index(op.f("ix_timer_release_id"), "timer", ["release_id"])


def downgrade() -> None:
    op.drop_table("timer")
    op.execute("DELETE FROM action WHERE kind = 'watch'")
    op.execute("UPDATE release SET state = 'done' WHERE state = 'watching'")
    _allow("action", "kind", KINDS_BEFORE)
    _allow("release", "state", RELEASE_BEFORE)


def _allow(table_name: str, column: str, words: Sequence[str]) -> None:
    name = op.f(f"ck_{table_name}_{column}")
    kept = {"sqlite_autoincrement": True} if table_name == "release" else {}
    with op.batch_alter_table(table_name, table_kwargs=kept) as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, _one_of(column, words))


def _one_of(column: str, words: Sequence[str]) -> sa.TextClause:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.text(f"{column} IN ({listed})")
