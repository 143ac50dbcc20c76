"""Ledgers for the tests: on SQLite in a folder of their own, on PostgreSQL in a database of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger

NUMBERS = count(1)
TEMPLATE = "ledger_template"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with the ledger's tables, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "template.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """Return the server's URL once its template database has the ledger's tables."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    migrate(postgres_url.rpartition("/")[0] + f"/{TEMPLATE}")
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    yield from _database(request.getfixturevalue("postgres_url"), "template1")


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """Return the URL of a PostgreSQL database without tables."""
    yield from _database(postgres_url, "template1")


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Return the URL of a migrated SQLite file."""
    shutil.copy(migrated_sqlite, tmp_path / "ledger.sqlite")
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the URL of a migrated database; every test runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    yield from _database(request.getfixturevalue("migrated_postgres"), TEMPLATE)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[SqlLedger]:
    """Return a ledger on both kinds of database, one after the other."""
    opened = open_ledger(ledger_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_ledger(sqlite_url: str) -> Iterator[SqlLedger]:
    """Return a ledger on SQLite."""
    opened = open_ledger(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def postgres_ledger(migrated_postgres: str) -> Iterator[SqlLedger]:
    """Return a ledger on PostgreSQL."""
    for url in _database(migrated_postgres, TEMPLATE):
        opened = open_ledger(url)
        yield opened
        opened.close()


def _database(server: str, template: str) -> Iterator[str]:
    name = f"ledger_{next(NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
