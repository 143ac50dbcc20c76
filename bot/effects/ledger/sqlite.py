"""How SQLite is opened for the ledger: durable, with one writer that the others wait for."""

from __future__ import annotations

import time
from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, event

READS = "ledger_reads"
LOOK_AGAIN_S = 0.01


def sqlite_arguments(wait_ms: int) -> dict[str, Any]:
    """Return what SQLite's driver is told: transactions are begun by us, connections move between threads."""
    return {"isolation_level": None, "timeout": wait_ms / 1000, "check_same_thread": False}


def watch_sqlite(engine: Engine, wait_ms: int, *, foreign_keys: str = "ON") -> None:
    """Give each SQLite connection its pragmas, and let every writer ask for the write lock first.

    A reader that turned into a writer would fail at once when someone else wrote meanwhile.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: SqliteConnection, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={wait_ms:d}")
        _turn_to_wal(connection, wait_ms)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA foreign_keys={foreign_keys}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _turn_to_wal(connection: SqliteConnection, wait_ms: int) -> None:
    """Turn the file to write-ahead logging; SQLite itself does not wait for another that does the same."""
    deadline = time.monotonic() + wait_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except OperationalError as error:
            if error.sqlite_errorcode != SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_AGAIN_S)
        else:
            return
