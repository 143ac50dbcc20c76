"""The audit shows an edit, a gap, a cut and a chain that was written anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from bot.effects.ledger.audit import append_audit
from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.ledger.work_tables import AUDIT
from bot.release.records import AuditEntry
from tests.ledger_values import NOON, kept, later, opened


def intrude(url: str, work: Callable[[Connection], object]) -> None:
    """Change the database as someone who owns it could: with its guards taken off."""
    engine = open_engine(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("DROP TRIGGER audit_no_delete"))
        work(connection)
    engine.dispose()


def does(statement: str) -> Callable[[Connection], object]:
    return lambda connection: connection.exec_driver_sql(statement)


def written(ledger: SqlLedger) -> None:
    """Write five entries."""
    release = opened(ledger)
    for number in range(4):
        kept(ledger, act=f"act {number}", release_id=release.id, body={"number": number, "é": None})


def test_entries_are_read_newest_first_and_by_release(ledger: SqlLedger) -> None:
    written(ledger)
    kept(ledger, act="lock", at=later(1.000001), body={"why": "night"})
    newest, *older = ledger.audit()
    assert newest == AuditEntry(
        seq=6,
        at=later(1.000001),
        by="U02ANA",
        act="lock",
        release_id=None,
        body={"why": "night"},
        prev=older[0].hash,
        hash=newest.hash,
    )
    assert [entry.seq for entry in ledger.audit(1, limit=2)] == [5, 4]
    assert older[-1].body == {
        "app": "shop",
        "environment": "production",
        "routes": ["products", "prices"],
        "title": "New price table",
        "owner": "U01OWNER",
        "catalog_hash": "c" * 64,
    }
    assert ledger.audit_head() == (6, newest.hash)
    assert ledger.verify_audit() is None


def test_an_audit_without_entries_is_whole(ledger: SqlLedger) -> None:
    assert ledger.audit_head() == (0, "0" * 64)
    assert ledger.verify_audit() is None


def test_a_hundred_entries_by_eight_at_once_make_one_chain_without_gaps(ledger: SqlLedger) -> None:
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda number: kept(ledger, body={"number": number}), range(100)))
    entries = ledger.audit(limit=1000)
    assert [entry.seq for entry in entries] == list(range(100, 0, -1))
    assert {entry.body["number"] for entry in entries} == set(range(100))
    assert ledger.verify_audit() is None


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            'UPDATE audit SET body = \'{"number":9,"\\u00e9":null}\' WHERE seq = 3',
            "entry 3 was changed after it was written",
        ),
        ("UPDATE audit SET actor = 'U9' WHERE seq = 5", "entry 5 was changed after it was written"),
        ("UPDATE audit SET prev = hash WHERE seq = 2", "entry 2 was changed after it was written"),
        ("DELETE FROM audit WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM audit WHERE seq = 3", "entry 3 is missing"),
        ("DELETE FROM audit WHERE seq >= 4", "entry 4 is missing: 5 entries were written"),
        ("DELETE FROM audit", "entry 1 is missing: 5 entries were written"),
        (
            "UPDATE audit_head SET hash = 'no'",
            "entry 5 is not the end that was recorded",
        ),
    ],
)
def test_what_was_changed_or_cut_is_named(
    ledger: SqlLedger, ledger_url: str, statement: str, problem: str
) -> None:
    written(ledger)
    intrude(ledger_url, does(statement))
    assert ledger.verify_audit() == problem


def test_a_chain_that_was_written_anew_is_found_by_an_anchor_kept_elsewhere(
    ledger: SqlLedger, ledger_url: str
) -> None:
    written(ledger)
    anchor = ledger.audit_head()
    assert ledger.verify_audit(anchor=anchor) is None

    def forge(connection: Connection) -> None:
        rows = connection.execute(select(AUDIT).order_by(AUDIT.c.seq)).mappings().all()
        connection.execute(text("DELETE FROM audit"))
        connection.execute(
            text("UPDATE audit_head SET seq = 0, hash = :first"), {"first": "0" * 64}
        )
        for row in rows:
            append_audit(connection, actor="U9", act=row["act"], at=NOON, release_id=None, body={})

    intrude(ledger_url, forge)
    assert ledger.verify_audit() is None
    assert ledger.verify_audit(anchor=anchor) == (
        "entry 5 is not the one that was anchored: the chain was rewritten"
    )


def test_a_tail_that_was_cut_together_with_the_head_is_found_by_an_anchor(
    ledger: SqlLedger, ledger_url: str
) -> None:
    written(ledger)
    anchor = ledger.audit_head()
    third = ledger.audit()[2]

    def cut(connection: Connection) -> None:
        connection.execute(text("DELETE FROM audit WHERE seq > 3"))
        connection.execute(
            text("UPDATE audit_head SET seq = 3, hash = :hash"), {"hash": third.hash}
        )

    intrude(ledger_url, cut)
    assert ledger.verify_audit() is None
    assert ledger.verify_audit(anchor=anchor) == "entry 4 is missing: 5 entries were written"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'U9'", "DELETE FROM audit", "TRUNCATE audit"],
)
def test_the_database_itself_refuses_to_change_the_audit(
    ledger: SqlLedger, ledger_url: str, statement: str
) -> None:
    written(ledger)
    engine = open_engine(ledger_url)
    with pytest.raises(DatabaseError) as refused, engine.begin() as connection:
        connection.execute(text(statement))
    if (engine.dialect.name, statement) == ("sqlite", "TRUNCATE audit"):
        assert "syntax error" in str(refused.value.orig)
    else:
        assert str(refused.value.orig).startswith("the audit is append-only")
    engine.dispose()
    assert ledger.verify_audit() is None
    assert len(ledger.audit()) == 5
