"""The messages that wait to be drawn, and where they stand in Slack."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column(
            "card", sa.String(), nullable=False, comment="Which message? For example root:42."
        ),
        sa.Column(
            "release_id", sa.Integer(), nullable=True, comment="Of which release? Empty: of none."
        ),
        sa.Column("channel", sa.String(), nullable=False, comment="In which Slack channel is it?"),
        sa.Column(
            "ts",
            sa.String(),
            nullable=False,
            comment="Which message is it there? Slack's timestamp.",
        ),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="What was drawn? A hash: the same is not sent twice.",
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=False, comment="When was it drawn last?"
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_message_release_id_release")
        ),
        sa.PrimaryKeyConstraint("card", name=op.f("pk_message")),
        comment="Where each message stands in Slack.",
    )
    op.create_index(op.f("ix_message_channel_ts"), "message", ["channel", "ts"], unique=False)
    op.create_index(op.f("ix_message_release_id"), "message", ["release_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column(
            "card", sa.String(), nullable=False, comment="Which message is to be drawn again?"
        ),
        sa.Column(
            "release_id", sa.Integer(), nullable=True, comment="Of which release? Empty: of none."
        ),
        sa.Column(
            "position",
            sa.Integer(),
            nullable=False,
            comment="In which place of the thread? 0 is the root.",
        ),
        sa.Column(
            "generation",
            sa.Integer(),
            nullable=False,
            comment="How often was it asked for? A newer wish outlives a sending.",
        ),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When was it first asked for?",
        ),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when is it held back, to not redraw too often?",
        ),
        sa.Column(
            "retry_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When is it tried again after a failure?",
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How many sendings failed?"),
        sa.Column("claim", sa.BigInteger(), nullable=True, comment="Which sending has it now?"),
        sa.Column("claimed_by", sa.String(), nullable=True, comment="Which sender?"),
        sa.Column(
            "claimed_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when is it that sender's?",
        ),
        sa.Column(
            "claimed_generation",
            sa.Integer(),
            nullable=True,
            comment="Which wish does that sending carry out?",
        ),
        sa.Column("error", sa.Text(), nullable=True, comment="Why did the last sending fail?"),
        sa.Column(
            "dead_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When was it given up? Empty: it was not.",
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_outbox_release_id_release")
        ),
        sa.PrimaryKeyConstraint("card", name=op.f("pk_outbox")),
        sa.UniqueConstraint("claim", name=op.f("uq_outbox_claim")),
        comment="Messages that wait to be drawn; one row a message, the newest wish wins.",
    )
    op.create_index(op.f("ix_outbox_release_id"), "outbox", ["release_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_release_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_message_release_id"), table_name="message")
    op.drop_index(op.f("ix_message_channel_ts"), table_name="message")
    op.drop_table("message")
