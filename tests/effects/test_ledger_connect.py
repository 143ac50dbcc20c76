"""The database is opened as the ledger needs it, and one that does not answer is a refusal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, DBAPIError

from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.records import Kept, Lost, Release
from bot.release.refusal import Code, Refusal
from tests.ledger_values import NOON, change, new_release, opened, request

REFUSED = "Not recorded: the ledger could not be written in time. Do not assume that it ran."


@contextmanager
def held(url: str) -> Iterator[None]:
    """Hold the audit's head, as another writer that does not come to an end."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_head SET seq = seq"))
        yield
    engine.dispose()


def test_sqlite_is_durable_patient_and_keeps_references(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "synchronous": 2,
    }


def test_postgres_does_not_wait_for_long(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    names = (
        "lock_timeout",
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "timezone",
        "transaction_isolation",
    )
    with engine.connect() as connection:
        settings = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    engine.dispose()
    assert settings == ["2s", "10s", "30s", "UTC", "read committed"]


def test_a_change_that_cannot_be_written_in_time_is_refused_and_safe_to_retry(
    ledger_url: str,
) -> None:
    ledger = open_ledger(ledger_url, wait_ms=100)
    asked = change(requests=(request(),))
    with held(ledger_url):
        started = time.monotonic()
        with pytest.raises(Refusal) as refused:
            ledger.keep(asked)
        assert time.monotonic() - started < 4
    assert (refused.value.code, refused.value.failed, refused.value.retry_is_safe) == (
        Code.NOT_RECORDED,
        REFUSED,
        True,
    )
    assert ledger.action(request().key) is None
    assert ledger.keep(asked) == Kept()
    ledger.close()


def test_readers_do_not_wait_for_a_writer(ledger: SqlLedger, ledger_url: str) -> None:
    release = opened(ledger)
    with held(ledger_url):
        started = time.monotonic()
        story = ledger.story(release.id)
        assert time.monotonic() - started < 1
    assert story is not None


def test_two_programs_on_one_database_wait_for_each_other(ledger_url: str) -> None:
    programs = [open_ledger(ledger_url), open_ledger(ledger_url)]

    def start(number: int) -> Release | Lost:
        new = new_release(routes=(f"route{number}",))
        return programs[number % 2].open_release(new, by="U1", at=NOON)

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(start, range(40)))
    assert all(isinstance(answer, Release) for answer in answers)
    assert len(programs[0].releases(limit=99)) == 40
    assert programs[1].verify_audit() is None
    for program in programs:
        program.close()


def test_a_reader_on_postgres_cannot_write(postgres_url: str) -> None:
    ledger = open_ledger(postgres_url)
    with pytest.raises(DBAPIError, match="read-only transaction"):
        ledger._read(lambda connection: connection.execute(text("CREATE TABLE odd (id int)")))
    ledger.close()


def test_a_server_that_is_not_there_is_a_refusal() -> None:
    ledger = open_ledger("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Refusal) as refused:
        ledger.open_release(new_release(), by="U1", at=NOON)
    assert (refused.value.code, refused.value.failed) == (Code.NOT_RECORDED, REFUSED)
    ledger.close()


def test_a_folder_that_cannot_hold_a_database_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with pytest.raises(Refusal) as refused:
        ledger.releases()
    assert refused.value.code is Code.NOT_RECORDED
    ledger.close()


def test_a_database_without_tables_is_our_mistake_and_not_a_slow_database(empty_url: str) -> None:
    ledger = open_ledger(empty_url)
    with pytest.raises(DatabaseError, match="release"):
        ledger.releases()
    ledger.close()


def test_errors_do_not_show_what_was_written(ledger: SqlLedger) -> None:
    with pytest.raises(DatabaseError) as failed:
        ledger.op_begin("no such action", "token-that-is-secret", NOON)
    assert "token-that-is-secret" not in str(failed.value)
    assert "[SQL parameters hidden due to hide_parameters=True]" in str(failed.value)
