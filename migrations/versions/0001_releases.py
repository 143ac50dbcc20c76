"""The releases, their checklists, and who approved what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False, comment="Which release? The number in R-42."),
        sa.Column(
            "app", sa.String(), nullable=False, comment="Which app of the catalog is released?"
        ),
        sa.Column(
            "environment",
            sa.String(),
            nullable=False,
            comment="Where: which environment of the app?",
        ),
        sa.Column(
            "title",
            sa.Text(),
            nullable=False,
            comment="What changes, in the words of the one who started it?",
        ),
        sa.Column(
            "starter",
            sa.String(),
            nullable=False,
            comment="Who started it? A Slack user id or terminal:<name>.",
        ),
        sa.Column("owner", sa.String(), nullable=False, comment="Who answers for it now?"),
        sa.Column("state", sa.String(), nullable=False, comment="Where is it in its life?"),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="How often was it changed? A press must have seen this number.",
        ),
        sa.Column(
            "channel", sa.String(), nullable=False, comment="In which Slack channel is its thread?"
        ),
        sa.Column(
            "previous",
            sa.String(),
            nullable=True,
            comment="To which version does the deploy go back? Empty: not known yet.",
        ),
        sa.Column(
            "catalog_hash",
            sa.String(),
            nullable=False,
            comment="Which catalog was in force? SHA-256 of it.",
        ),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), nullable=False, comment="When was it started?"
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When did it end? Empty while it is live.",
        ),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'abandoned', 'rolling_back', 'rolled_back', 'rollback_failed')",
            name=op.f("ck_release_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        comment="One run of the checklist for some routes of one app.",
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_release_app_environment_state"),
        "release",
        ["app", "environment", "state"],
        unique=False,
    )
    op.create_table(
        "approval",
        sa.Column("release_id", sa.Integer(), nullable=False, comment="Which release?"),
        sa.Column("step", sa.Integer(), nullable=False, comment="Which line of its checklist?"),
        sa.Column("given_by", sa.String(), nullable=False, comment="Who said yes?"),
        sa.Column(
            "plan_hash",
            sa.String(),
            nullable=False,
            comment="To exactly what? A plan's hash, or a run.",
        ),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False, comment="When?"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_approval_release_id_release")
        ),
        sa.PrimaryKeyConstraint(
            "release_id", "step", "given_by", "plan_hash", name=op.f("pk_approval")
        ),
        comment="One person's yes to one step; once for each person and plan.",
    )
    op.create_table(
        "release_route",
        sa.Column(
            "release_id", sa.Integer(), nullable=False, comment="Which release takes the route?"
        ),
        sa.Column("route", sa.String(), nullable=False, comment="Which route of the catalog?"),
        sa.Column(
            "position", sa.Integer(), nullable=False, comment="In which place was it named, from 0?"
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_route_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "route", name=op.f("pk_release_route")),
        comment="The routes of a release; only their keys can be purged.",
    )
    op.create_index(op.f("ix_release_route_route"), "release_route", ["route"], unique=False)
    op.create_table(
        "step",
        sa.Column("release_id", sa.Integer(), nullable=False, comment="Whose checklist is it?"),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="Which line of the checklist, from 1?"
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="What is done? The name of a file in steps.",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="What does the line say?"),
        sa.Column("owner", sa.String(), nullable=False, comment="Who does it?"),
        sa.Column("expected", sa.Text(), nullable=False, comment="What should be seen?"),
        sa.Column("rollback_note", sa.Text(), nullable=False, comment="How is it undone?"),
        sa.Column("state", sa.String(), nullable=False, comment="Where is the line in its life?"),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="How often was it changed? A press must have seen this number.",
        ),
        sa.Column(
            "outcome",
            sa.String(),
            nullable=True,
            comment="What is the verdict? Empty: not judged yet.",
        ),
        sa.Column(
            "evidence", sa.Text(), nullable=True, comment="Which sentence supports the verdict?"
        ),
        sa.Column(
            "actual",
            sa.Text(),
            nullable=True,
            comment="What was measured, beside what was expected?",
        ),
        sa.Column("numbers", sa.JSON(), nullable=True, comment="Which figures were kept of it?"),
        sa.Column(
            "plan", sa.JSON(), nullable=True, comment="What would the purge do? Empty: no purge."
        ),
        sa.Column(
            "plan_hash",
            sa.String(),
            nullable=True,
            comment="Which plan does an approval bind to? SHA-256 of it.",
        ),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why was it skipped or stopped?"),
        sa.CheckConstraint("outcome IN ('pass', 'fail', 'unsure')", name=op.f("ck_step_outcome")),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'running', 'judged', 'acting', 'stopped', 'done', 'skipped')",
            name=op.f("ck_step_state"),
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_step_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "number", name=op.f("pk_step")),
        comment="One line of the checklist: owner, expected, actual, rollback note, state.",
    )


def downgrade() -> None:
    op.drop_table("step")
    op.drop_index(op.f("ix_release_route_route"), table_name="release_route")
    op.drop_table("release_route")
    op.drop_table("approval")
    op.drop_index(op.f("ix_release_app_environment_state"), table_name="release")
    op.drop_table("release")
