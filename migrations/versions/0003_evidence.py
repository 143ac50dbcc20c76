"""What was taken out, what was measured, and which apps are locked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_lock",
        sa.Column("app", sa.String(), nullable=False, comment="Which app may not be released?"),
        sa.Column("environment", sa.String(), nullable=False, comment="In which environment?"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why?"),
        sa.Column("locked_by", sa.String(), nullable=False, comment="Who locked it?"),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=False, comment="When?"),
        sa.PrimaryKeyConstraint("app", "environment", name=op.f("pk_app_lock")),
        comment="Apps that may not be released until someone unlocks them.",
    )
    op.create_table(
        "measurement",
        sa.Column("id", sa.Integer(), nullable=False, comment="Which measurement?"),
        sa.Column(
            "release_id", sa.Integer(), nullable=True, comment="For which release? Empty: none."
        ),
        sa.Column("app", sa.String(), nullable=False, comment="Of which app?"),
        sa.Column("environment", sa.String(), nullable=False, comment="In which environment?"),
        sa.Column("route", sa.String(), nullable=False, comment="Of which route?"),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="What was looked at? The name of a step kind.",
        ),
        sa.Column(
            "phase", sa.String(), nullable=False, comment="Before the purge, after it, or a check?"
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False, comment="When?"),
        sa.Column(
            "numbers",
            sa.JSON(),
            nullable=False,
            comment="What was seen? Figures only, no page bodies.",
        ),
        sa.CheckConstraint(
            "phase IN ('before', 'after', 'check')", name=op.f("ck_measurement_phase")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_measurement_release_id_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
        comment="What a look saw at one time, kept for comparison.",
    )
    op.create_index(
        op.f("ix_measurement_app_environment_route_kind_taken_at"),
        "measurement",
        ["app", "environment", "route", "kind", "taken_at"],
        unique=False,
    )
    op.create_index(op.f("ix_measurement_release_id"), "measurement", ["release_id"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column(
            "id",
            sa.String(),
            nullable=False,
            comment="Which snapshot? Also the name of its folder.",
        ),
        sa.Column(
            "release_id", sa.Integer(), nullable=False, comment="Which release took the keys out?"
        ),
        sa.Column(
            "purpose",
            sa.String(),
            nullable=False,
            comment="Taken by a purge, or forward by a rollback?",
        ),
        sa.Column(
            "state",
            sa.String(),
            nullable=False,
            comment="Is it being written, complete, restored, expired?",
        ),
        sa.Column("keys", sa.BigInteger(), nullable=False, comment="How many keys does it hold?"),
        sa.Column(
            "bytes", sa.BigInteger(), nullable=False, comment="How large is it on disk, in bytes?"
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When was it begun?"
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Until when can it be restored?",
        ),
        sa.CheckConstraint("purpose IN ('purge', 'forward')", name=op.f("ck_snapshot_purpose")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_snapshot_release_id_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        comment="The purged keys, restorable until they expire.",
    )
    op.create_index(op.f("ix_snapshot_expires_at"), "snapshot", ["expires_at"], unique=False)
    op.create_index(op.f("ix_snapshot_release_id"), "snapshot", ["release_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_snapshot_release_id"), table_name="snapshot")
    op.drop_index(op.f("ix_snapshot_expires_at"), table_name="snapshot")
    op.drop_table("snapshot")
    op.drop_index(op.f("ix_measurement_release_id"), table_name="measurement")
    op.drop_index(
        op.f("ix_measurement_app_environment_route_kind_taken_at"), table_name="measurement"
    )
    op.drop_table("measurement")
    op.drop_table("app_lock")
