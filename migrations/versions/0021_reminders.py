"""People are reminded by the clock, and each step says when it was changed last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision: str | None = "0020"
branch_labels = None
depends_on = None

KINDS = ("run", "approve", "decide", "resume", "rollback", "expiring", "watched", "review")
ANSWERS = ("snoozed", "passed", "done", "newer", "over")


def upgrade() -> None:
    op.add_column(
        "step",
        sa.Column(
            "moved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When was it changed last?",
        ),
    )
    # What waits already is counted from now on: nobody is reminded of everything at once.
    step = sa.table("step", sa.column("moved_at", sa.DateTime(timezone=True)))
    op.execute(step.update().values(moved_at=datetime.now(UTC)))
    op.create_table(
        "reminder",
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="Which reminder? Also the name of its message.",
        ),
        sa.Column("release_id", sa.Integer(), nullable=False, comment="Of which release?"),
        sa.Column(
            "wait",
            sa.String(),
            nullable=False,
            comment="What is waited for? The same as long as it is the same wait.",
        ),
        sa.Column("kind", sa.String(), nullable=False, comment="What for?"),
        sa.Column(
            "step",
            sa.Integer(),
            nullable=True,
            comment="For which line of the checklist? Empty: for none.",
        ),
        sa.Column(
            "stage",
            sa.Integer(),
            nullable=False,
            comment="Which of the moments of this wait was it, from 1?",
        ),
        sa.Column("person", sa.String(), nullable=False, comment="Who was reminded?"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False, comment="When?"),
        sa.Column(
            "can_wait", sa.Boolean(), nullable=False, comment="Does it keep to working hours?"
        ),
        sa.Column(
            "answer", sa.String(), nullable=True, comment="What became of it? Empty: nothing yet."
        ),
        sa.Column(
            "answered_at", sa.DateTime(timezone=True), nullable=True, comment="When was that?"
        ),
        sa.Column(
            "again_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When is the person reminded again? Empty: it is not snoozed.",
        ),
        sa.Column(
            "passed_to",
            sa.String(),
            nullable=True,
            comment="To whom was it handed over? Empty: to nobody.",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reminder")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_reminder_release_id_release")
        ),
        sa.CheckConstraint(_one_of("kind", KINDS), name=op.f("ck_reminder_kind")),
        sa.CheckConstraint(_one_of("answer", ANSWERS), name=op.f("ck_reminder_answer")),
        comment="Who was reminded of what, and what they answered; each reminder goes out once.",
    )
    op.create_index(op.f("ix_reminder_release_id"), "reminder", ["release_id"])
    op.create_index(op.f("ix_reminder_kind_release_id"), "reminder", ["kind", "release_id"])


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_column("step", "moved_at")


def _one_of(column: str, words: Sequence[str]) -> sa.TextClause:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.text(f"{column} IN ({listed})")
