"""The work that was asked for, and the effects that must not happen twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action",
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="Which work? Made from its meaning: asked twice is once.",
        ),
        sa.Column("kind", sa.String(), nullable=False, comment="What is to be done?"),
        sa.Column(
            "partition", sa.String(), nullable=False, comment="What must not run twice at once?"
        ),
        sa.Column(
            "release_id", sa.Integer(), nullable=True, comment="For which release? Empty: none."
        ),
        sa.Column(
            "step",
            sa.Integer(),
            nullable=True,
            comment="For which line of its checklist? Empty: none.",
        ),
        sa.Column("args", sa.JSON(), nullable=False, comment="With what? Ids and hashes only."),
        sa.Column(
            "channel",
            sa.String(),
            nullable=True,
            comment="Where is the answer shown? Empty: at a terminal.",
        ),
        sa.Column("asked_by", sa.String(), nullable=False, comment="Who asked?"),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), nullable=False, comment="When was it asked?"
        ),
        sa.Column("state", sa.String(), nullable=False, comment="How far is it?"),
        sa.Column(
            "fence",
            sa.Integer(),
            nullable=False,
            comment="How often was it started? An older run stops.",
        ),
        sa.Column("progress", sa.JSON(), nullable=False, comment="What did it report last?"),
        sa.Column(
            "result", sa.JSON(), nullable=False, comment="What came out? Empty until it ends."
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When did it start first?",
        ),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="When did it end?"
        ),
        sa.CheckConstraint(
            "kind IN ('run_step', 'purge', 'rollback', 'check', 'headers', 'preview')",
            name=op.f("ck_action_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('accepted', 'running', 'done', 'failed', 'unknown')",
            name=op.f("ck_action_state"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_action_release_id_release")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_action")),
        comment="Work that was asked for, and how it went.",
    )
    op.create_index(op.f("ix_action_release_id"), "action", ["release_id"], unique=False)
    op.create_index(op.f("ix_action_state_asked_at"), "action", ["state", "asked_at"], unique=False)
    op.create_table(
        "op_step",
        sa.Column("action_key", sa.String(), nullable=False, comment="Part of which work?"),
        sa.Column("name", sa.String(), nullable=False, comment="Which effect? For example hook."),
        sa.Column(
            "state",
            sa.String(),
            nullable=False,
            comment="Started, done, failed, or unknown after a crash?",
        ),
        sa.Column("detail", sa.Text(), nullable=False, comment="What is known of its outcome?"),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), nullable=False, comment="When was it started?"
        ),
        sa.Column(
            "ended_at", sa.DateTime(timezone=True), nullable=True, comment="When did it end?"
        ),
        sa.CheckConstraint(
            "state IN ('started', 'done', 'failed', 'unknown')", name=op.f("ck_op_step_state")
        ),
        sa.ForeignKeyConstraint(
            ["action_key"], ["action.key"], name=op.f("fk_op_step_action_key_action")
        ),
        sa.PrimaryKeyConstraint("action_key", "name", name=op.f("pk_op_step")),
        comment="Effects that must never run twice silently, written down before they run.",
    )


def downgrade() -> None:
    op.drop_table("op_step")
    op.drop_index(op.f("ix_action_state_asked_at"), table_name="action")
    op.drop_index(op.f("ix_action_release_id"), table_name="action")
    op.drop_table("action")
