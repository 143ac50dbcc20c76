"""Which processes are alive, as locks that PostgreSQL frees when a session ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

SHOWN = "cache-release: "
# A host that is gone without a word loses its locks after about 11 s; libpq watches one end, the
# server the other. No timeout of the server may end a session that only holds a lock.
SESSION = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 11000,
    "options": (
        "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
        " -c statement_timeout=10s -c idle_session_timeout=0"
    ),
}


class PostgresLiveness:
    """A session's advisory lock per name; no transaction-pooling proxy may stand between.

    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """

    def __init__(self, url: str) -> None:
        """Take the database; nothing connects yet. Each lock gets a connection of its own."""
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=SESSION,
            hide_parameters=True,
        )
        self._held: dict[str, Connection] = {}

    def hold(self, name: str) -> bool:
        """Take the lock; the server frees it when the session ends."""
        connection = self._engine.connect()
        if not _try_lock(connection, name):
            connection.close()
            return False
        connection.execute(
            text("SELECT set_config('application_name', :name, false)"), {"name": SHOWN + name}
        )
        self._held[name] = connection
        return True

    def let_go(self, name: str) -> None:
        """End the session that holds the lock; nothing where it is not held here."""
        connection = self._held.pop(name, None)
        if connection is not None:
            connection.close()

    def still_held(self, name: str) -> bool:
        """Return whether the session that took the lock lives; asks it."""
        connection = self._held.get(name)
        try:
            return connection is not None and connection.scalar(text("SELECT true")) is True
        except SQLAlchemyError:
            return False

    @contextmanager
    def dead(self, name: str) -> Iterator[bool]:
        """Yield whether nobody holds the lock, keeping others from it meanwhile."""
        with self._engine.connect() as connection:
            yield _try_lock(connection, name)

    def alive(self) -> tuple[str, ...]:
        """Return the names whose lock a session holds; each session says in its name which it took."""
        query = text("SELECT application_name FROM pg_stat_activity WHERE application_name LIKE :x")
        with self._engine.connect() as connection:
            shown = connection.execute(query, {"x": f"{SHOWN}%"}).scalars()
            return tuple(sorted(name.removeprefix(SHOWN) for name in shown))

    def tidy(self) -> None:
        """Do nothing: a session that ended leaves nothing behind."""


def _try_lock(connection: Connection, name: str) -> bool:
    digest = hashlib.sha256(f"cache-release alive {name}".encode()).digest()
    number = int.from_bytes(digest[:8], signed=True)
    return (
        connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}) is True
    )
