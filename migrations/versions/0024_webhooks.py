"""Webhooks out and in, and what is reported of a step."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision: str | None = "0022"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def needed(name: str, kind: sa.types.TypeEngine[Any], comment: str) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, comment=comment)


def maybe(name: str, kind: sa.types.TypeEngine[Any], comment: str) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True, comment=comment)


def upgrade() -> None:
    op.create_table(
        "webhook_out",
        needed("id", sa.Integer(), "In which order did they happen?"),
        needed("event_id", sa.String(), "Which event, to which hook? Sent along with each try."),
        needed("release_id", sa.Integer(), "Of which release?"),
        needed("app", sa.String(), "Of which app?"),
        needed("hook", sa.Integer(), "To which of the app's webhooks, from 0?"),
        needed("body", sa.Text(), "What is sent? JSON, the same at each try."),
        needed("asked_at", TIME, "When did it happen?"),
        needed("attempts", sa.Integer(), "How often was it tried?"),
        maybe("retry_at", TIME, "When is it tried again?"),
        maybe("claim", sa.BigInteger(), "Which sending has it now?"),
        maybe("claimed_until", TIME, "Until when is it that sending's?"),
        maybe("error", sa.Text(), "Why did the last try fail?"),
        maybe("sent_at", TIME, "When was it taken? Empty: not yet."),
        maybe("dead_at", TIME, "When was it given up? Empty: it was not."),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_webhook_out_release_id_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_out")),
        sa.UniqueConstraint("event_id", name=op.f("uq_webhook_out_event_id")),
        sa.UniqueConstraint("claim", name=op.f("uq_webhook_out_claim")),
        comment="Events that other systems are told, in the order in which they happened.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_out_release_id"), "webhook_out", ["release_id"], unique=False)
    op.create_index(
        op.f("ix_webhook_out_sent_at_dead_at_id"),
        "webhook_out",
        ["sent_at", "dead_at", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_in",
        needed("app", sa.String(), "For which app?"),
        needed("event_id", sa.String(), "Which call? A second one with this id is refused."),
        needed("received_at", TIME, "When did it come?"),
        maybe("release_id", sa.Integer(), "Which release did it lead to? Empty: none yet."),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_webhook_in_release_id_release")
        ),
        sa.PrimaryKeyConstraint("app", "event_id", name=op.f("pk_webhook_in")),
        comment="Calls that came in from other systems, so that none is carried out twice.",
    )
    op.create_index(
        op.f("ix_webhook_in_app_received_at"), "webhook_in", ["app", "received_at"], unique=False
    )
    op.create_table(
        "evidence",
        needed("key", sa.String(), "Which report? Reported twice is once."),
        needed("release_id", sa.Integer(), "Of which release?"),
        needed("step", sa.Integer(), "On which line of its checklist?"),
        needed(
            "outcome", sa.String(), "Pass, fail or unsure, in the words of the one who reports?"
        ),
        needed("text", sa.Text(), "What was seen?"),
        maybe("link", sa.Text(), "Where can it be read? Empty: nowhere."),
        needed("by", sa.String(), "Who reported it?"),
        needed("at", TIME, "When?"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_evidence_release_id_release")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_evidence")),
        comment="What other systems and people report of a step; it approves nothing.",
    )
    op.create_index(op.f("ix_evidence_release_id"), "evidence", ["release_id"], unique=False)


def downgrade() -> None:
    op.drop_table("evidence")
    op.drop_table("webhook_in")
    op.drop_table("webhook_out")
