"""How the ledger's database is opened, and the one form of a transaction on it."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import SQLITE_ERROR
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.schema import Table

from bot.effects.fault_points import Point, reached
from bot.effects.ledger.canonical import canonical
from bot.effects.ledger.sqlite import READS, sqlite_arguments, watch_sqlite
from bot.effects.private import private_file, private_folder
from bot.release.refusal import Code, Refusal

Result = TypeVar("Result")

CONNECTIONS = 20
TURN_S = 5.0
TRIES = 4
WORTH_RETRYING = frozenset({"40001", "40P01"})  # serialization failure, deadlock


class LostRaceError(Exception):
    """Somebody else got there first; the transaction is rolled back. `what` says what stands now."""

    def __init__(
        self,
        what: str,
        *,
        asked_key: str | None = None,
        release: int | None = None,
        turn: str | None = None,
    ) -> None:
        """Take the sentence, the key of the action that was asked for before, and who holds the keys."""
        super().__init__(what)
        self.what = what
        self.asked_key = asked_key
        self.release = release
        self.turn = turn


def ledger_url(url: str) -> URL:
    """Return the URL with its driver said, and a SQLite file made that only the bot's user reads."""
    parsed = make_url(url)
    if parsed.get_backend_name() in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.database:
        private_folder(Path(parsed.database).parent)
        with suppress(OSError):  # SQLite itself says why it cannot open the file
            private_file(Path(parsed.database))
    return parsed


def open_engine(url: str, *, wait_ms: int = 5000) -> Engine:
    """Return an engine with the ledger's settings; `wait_ms` is how long SQLite waits for another writer."""
    parsed = ledger_url(url)
    on_sqlite = parsed.get_backend_name() == "sqlite"
    engine = create_engine(
        parsed,
        hide_parameters=True,
        json_serializer=canonical,
        json_deserializer=json.loads,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=TURN_S,
        pool_pre_ping=not on_sqlite,
        connect_args=sqlite_arguments(wait_ms) if on_sqlite else postgres_arguments(),
    )
    if on_sqlite:
        watch_sqlite(engine, wait_ms)
    return engine


def postgres_arguments(*, lock_s: int = 2, statement_s: int = 10) -> dict[str, Any]:
    """Return what PostgreSQL is told: nobody waits for long, times are UTC."""
    settings = {
        "lock_timeout": f"{lock_s}s",
        "statement_timeout": f"{statement_s}s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {"connect_timeout": 5, "options": options}


class Transactions:
    """Every method of the ledger is one of these two: a look at one moment, or a change that is kept whole."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine that `open_engine` made."""
        self._engine = engine
        # SQLite's writers poll for the lock and may starve; within one process they queue instead.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None
        looks: dict[str, Any] = {READS: True}
        if engine.dialect.name == "postgresql":
            looks |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = engine.execution_options(**looks)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        """Return what the work finds, all of it as it stood at one moment."""
        return _attempt(self._reader, work, doing="read")

    def _write(self, work: Callable[[Connection], Result], act: str = "") -> Result:
        """Return what the work returns once its changes are kept; an exception keeps none of them.

        Raise Refusal(NOT_RECORDED) where the database does not answer in time. `act` names the change in a fault.
        """
        act = act or work.__qualname__.partition(".<")[0].rpartition(".")[2]

        def all_of_it(connection: Connection) -> Result:
            done = work(connection)
            reached(Point.COMMITS, act)
            return done

        with self._in_turn():
            kept = _attempt(self._engine, all_of_it, doing="written")
        reached(Point.COMMITTED, act)
        return kept

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=TURN_S):
            raise _not_recorded("written")
        try:
            yield
        finally:
            self._turn.release()


def _attempt(engine: Engine, work: Callable[[Connection], Result], *, doing: str) -> Result:
    for left in reversed(range(TRIES)):
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if left and getattr(error.orig, "sqlstate", None) in WORTH_RETRYING:
                time.sleep(secrets.SystemRandom().uniform(0.005, 0.05))
            elif _is_out_of_reach(error):
                raise _not_recorded(doing) from error
            else:
                raise
        except NoConnectionFree as error:
            raise _not_recorded(doing) from error
    raise _not_recorded(doing)


def _is_out_of_reach(error: DBAPIError) -> bool:
    """Return whether the database did not answer; a statement that is wrong is our own mistake."""
    if getattr(error.orig, "sqlite_errorcode", None) == SQLITE_ERROR:
        return False
    return isinstance(error, OperationalError | InterfaceError)


def _not_recorded(doing: str) -> Refusal:
    return Refusal(
        code=Code.NOT_RECORDED,
        failed=f"Not recorded: the ledger could not be {doing} in time. Do not assume that it ran.",
        expected="a database that answers; `cache-release doctor` shows whether it does.",
        retry_is_safe=True,
    )


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT, in the words of the database at hand."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_once(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert the row and return True; return False where its key is there already."""
    asked = insert(connection, table).values(**row).on_conflict_do_nothing()
    return connection.execute(asked.returning(*table.primary_key)).first() is not None
