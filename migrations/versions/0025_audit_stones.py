"""A beginning of the audit can be pruned, once a stone stands for it; nothing else can be taken away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision: str | None = "0024"
branch_labels = None
depends_on = None

WHY = "the audit is append-only"
UNTOUCHED = (
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
)
REFUSES = (
    "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$"
)

GUARDS = {
    "sqlite": (
        "DROP TRIGGER audit_no_delete",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "WHEN OLD.seq > (SELECT COALESCE(MAX(seq), 0) FROM audit_stone) "
        "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_stone_no_update BEFORE UPDATE ON audit_stone "
        f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
        "CREATE TRIGGER audit_stone_no_delete BEFORE DELETE ON audit_stone "
        f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit' THEN "
        "IF OLD.seq <= (SELECT COALESCE(MAX(seq), 0) FROM audit_stone) THEN RETURN OLD; END IF; "
        "END IF; RAISE EXCEPTION 'the audit is append-only'; END $$",
        "CREATE TRIGGER audit_stone_no_change BEFORE UPDATE OR DELETE ON audit_stone "
        "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_stone_no_truncate BEFORE TRUNCATE ON audit_stone "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit_stone",
        sa.Column(
            "seq",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Up to which entry was pruned?",
        ),
        sa.Column(
            "hash",
            sa.String(),
            nullable=False,
            comment="What was that entry's hash? The chain goes on from it.",
        ),
        sa.Column("entries", sa.Integer(), nullable=False, comment="How many entries went?"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When?"),
        sa.Column("by", sa.String(), nullable=False, comment="Who pruned?"),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="What is the SHA-256 of the exported lines?",
        ),
        sa.Column(
            "signature",
            sa.String(),
            nullable=False,
            comment="The HMAC over all of this, with a key outside the database.",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_stone")),
        comment="What stands for a beginning of the audit that was exported and pruned; append-only.",
    )
    for statement in GUARDS[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_table("audit_stone")
        op.execute(REFUSES)
        return
    op.execute("DROP TRIGGER audit_no_delete")
    op.drop_table("audit_stone")
    op.execute(UNTOUCHED)
