"""The append-only record of what was done, guarded by the database itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

WHY = "the audit is append-only"

# Whoever may write to the ledger may still not rewrite what was done.
GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "seq",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Which entry? Without gaps.",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When did it happen?"),
        sa.Column("actor", sa.String(), nullable=False, comment="Who did it?"),
        sa.Column("act", sa.String(), nullable=False, comment="What was done?"),
        sa.Column(
            "release_id", sa.Integer(), nullable=True, comment="To which release? Empty: to none."
        ),
        sa.Column(
            "body", sa.Text(), nullable=False, comment="With what? Canonical JSON, no secrets."
        ),
        sa.Column(
            "prev", sa.String(), nullable=False, comment="What is the hash of the entry before?"
        ),
        sa.Column("hash", sa.String(), nullable=False, comment="What is the hash of this entry?"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        comment="What was done, by whom; append-only, each entry holds the hash of the one before.",
    )
    op.create_index(op.f("ix_audit_release_id"), "audit", ["release_id"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Always 1: there is one head.",
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="How many entries were written?"),
        sa.Column(
            "hash", sa.String(), nullable=False, comment="What is the hash of the last entry?"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        comment="Where the audit ends; shows when its last entries were cut off.",
    )
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    for statement in GUARDS[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_release_id"), table_name="audit")
    op.drop_table("audit")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change()")
