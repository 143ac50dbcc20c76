"""The keys a release holds, who waits for them, what people are told, locks with an end, and indexes for history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision: str | None = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("release") as table:
        table.add_column(
            sa.Column(
                "hotfix",
                sa.Text(),
                nullable=True,
                comment="Why does it go on through a freeze? Empty: it does not.",
            )
        )
    op.create_index(op.f("ix_release_state_id"), "release", ["state", "id"], unique=False)
    op.create_index(op.f("ix_release_app_id"), "release", ["app", "id"], unique=False)
    op.drop_index(op.f("ix_release_route_route"), table_name="release_route")
    op.create_index(
        op.f("ix_release_route_route_release_id"),
        "release_route",
        ["route", "release_id"],
        unique=False,
    )
    with op.batch_alter_table("app_lock") as table:
        table.add_column(
            sa.Column(
                "until",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="Until when? Empty: until somebody unlocks it.",
            )
        )
        table.add_column(
            sa.Column(
                "remind_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When is the one who locked it reminded next? Empty: never.",
            )
        )
    _create_scope()
    _create_waiting()
    _create_notice()


def _create_scope() -> None:
    op.create_table(
        "release_scope",
        sa.Column("release_id", sa.Integer(), nullable=False, comment="Which release?"),
        sa.Column(
            "position", sa.Integer(), nullable=False, comment="Which of its patterns, from 0?"
        ),
        sa.Column(
            "place",
            sa.String(),
            nullable=False,
            comment="In which Redis? The catalog's name for its address.",
        ),
        sa.Column("pattern", sa.String(), nullable=False, comment="Which keys may it take?"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_scope_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "position", name=op.f("pk_release_scope")),
        comment="The keys that a release may take; no two live releases share one.",
    )


def _create_waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer(), nullable=False, comment="In which order did they come?"),
        sa.Column("app", sa.String(), nullable=False, comment="Which app do they want to release?"),
        sa.Column("environment", sa.String(), nullable=False, comment="Where?"),
        sa.Column("routes", sa.JSON(), nullable=False, comment="Which routes?"),
        sa.Column("place", sa.String(), nullable=False, comment="In which Redis?"),
        sa.Column("patterns", sa.JSON(), nullable=False, comment="Which keys are that?"),
        sa.Column("who", sa.String(), nullable=False, comment="Who waits?"),
        sa.Column(
            "wants",
            sa.String(),
            nullable=False,
            comment="A place in the queue, or only word that it is free?",
        ),
        sa.Column(
            "behind", sa.Integer(), nullable=True, comment="Behind which release? Empty: none."
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="Since when?"),
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When were they told that it is free? Empty: not yet.",
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When did the waiting end? Empty: it has not.",
        ),
        sa.CheckConstraint("wants IN ('queue', 'notify')", name=op.f("ck_waiting_wants")),
        sa.ForeignKeyConstraint(["behind"], ["release.id"], name=op.f("fk_waiting_behind_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        comment="Who waits for keys that a live release holds; first come, first told.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_waiting_behind"), "waiting", ["behind"], unique=False)
    op.create_index(op.f("ix_waiting_ended_at_id"), "waiting", ["ended_at", "id"], unique=False)


def _create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column(
            "key",
            sa.String(),
            nullable=False,
            comment="Which message? From its meaning: told twice is once.",
        ),
        sa.Column(
            "recipient",
            sa.String(),
            nullable=True,
            comment="Who is told? Empty: the thread of the release.",
        ),
        sa.Column(
            "about", sa.Integer(), nullable=True, comment="About which release? Empty: none."
        ),
        sa.Column(
            "body",
            sa.Text(),
            nullable=False,
            comment="What is said? Canonical JSON: text, lines, offers, files.",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When was it decided?"),
        sa.ForeignKeyConstraint(["about"], ["release.id"], name=op.f("fk_notice_about_release")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notice")),
        comment="What one person or one thread is told, once; the outbox sends it.",
    )
    op.create_index(op.f("ix_notice_about"), "notice", ["about"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_notice_about"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_waiting_ended_at_id"), table_name="waiting")
    op.drop_index(op.f("ix_waiting_behind"), table_name="waiting")
    op.drop_table("waiting")
    op.drop_table("release_scope")
    with op.batch_alter_table("app_lock") as table:
        table.drop_column("remind_at")
        table.drop_column("until")
    op.drop_index(op.f("ix_release_route_route_release_id"), table_name="release_route")
    op.create_index(op.f("ix_release_route_route"), "release_route", ["route"], unique=False)
    op.drop_index(op.f("ix_release_app_id"), table_name="release")
    op.drop_index(op.f("ix_release_state_id"), table_name="release")
    with op.batch_alter_table("release") as table:
        table.drop_column("hotfix")
