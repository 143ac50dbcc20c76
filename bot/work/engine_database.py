"""The database that the engine keeps its own rows in."""

from __future__ import annotations

import logging
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import create_engine, make_url, text

from bot.effects.private import private_file

NAME = "cache-release"
QUEUE = "release"
AT_ONCE = 4
POLL_S = 0.1


def engine_url(database_url: str) -> str:
    """Return the engine's database: a SQLite file beside the ledger's, or the same PostgreSQL.

    The file is named after the ledger's, so that two ledgers in one folder share no work.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "").with_suffix(".engine.sqlite")
        return url.set(database=str(file)).render_as_string(hide_password=False)
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def migrate_engine(url: str) -> None:
    """Bring the engine's own tables up to date; twice is as good as once. Nothing is run meanwhile."""
    quieten()
    if url.startswith("sqlite"):
        private_file(Path(make_url(url).database or ""))
    DBOS.migrate(url)
    if url.startswith("sqlite"):
        _write_ahead(url)
    client = engine_client(url)
    client.register_queue(
        QUEUE, partition_concurrency=1, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_S
    )
    client.destroy()


def _write_ahead(url: str) -> None:
    """Let readers and the writer of the SQLite file not wait for each other; the file keeps it."""
    engine = create_engine(url, hide_parameters=True)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA journal_mode=WAL"))
    engine.dispose()


def engine_client(url: str) -> DBOSClient:
    """Return what enqueues and looks up; it connects when it is first used."""
    return DBOSClient(
        system_database_url=url,
        serializer=DBOSPortableJSONSerializer(),
        application_name=NAME,
        lazy=True,
        retry_connection_errors=False,
    )


def quieten() -> None:
    """Let DBOS log where everything logs; without a handler it would write to the terminal itself."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
