"""The bot is killed at every point of a purge, a restore and a rollback, and the next one goes on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from bot.effects.fault_points import Point
from bot.effects.ledger.migrate import migrate
from bot.work.engine import engine_url, migrate_engine
from tests.fault.deaths import Deaths, NewLedger, Operation, Spot, spots_of
from tests.fault.mortal_shop import MortalShop

pytestmark = pytest.mark.fault

log = logging.getLogger(__name__)
NUMBERS = count(1)
CORE = 2


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalShop]:
    built = MortalShop(tmp_path_factory.mktemp("shop"))
    try:
        built.start()
        yield built
    finally:
        built.stop()


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> NewLedger:
    """Return what makes a migrated ledger with its engine, and takes it away again."""
    return _on_sqlite(tmp_path_factory.mktemp("ledgers"))


@pytest.fixture(scope="module")
def on_postgres(postgres_url: str) -> NewLedger:
    """Return the same on PostgreSQL."""
    return _on_postgres(postgres_url)


def _on_sqlite(folder: Path) -> NewLedger:
    _migrate(f"sqlite:///{folder / 'template' / 'ledger.sqlite'}")

    @contextmanager
    def new() -> Iterator[str]:
        own = folder / f"life-{next(NUMBERS)}"
        shutil.copytree(folder / "template", own)
        yield f"sqlite:///{own / 'ledger.sqlite'}"
        shutil.rmtree(own)

    return new


def _on_postgres(server: str) -> NewLedger:
    address = server.rpartition("/")[0]
    _run(server, "CREATE DATABASE mortal_template")
    _migrate(f"{address}/mortal_template")

    @contextmanager
    def new() -> Iterator[str]:
        name = f"mortal_{next(NUMBERS)}"
        _run(server, f"CREATE DATABASE {name} TEMPLATE mortal_template")
        yield f"{address}/{name}"
        _run(server, f"DROP DATABASE {name} WITH (FORCE)")

    return new


def _migrate(url: str) -> None:
    migrate(url)
    migrate_engine(engine_url(url))


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _all_go_on(deaths: Deaths, spots: list[Spot]) -> None:
    """Die at each spot; tell all that went wrong, not only the first."""
    wrong = {}
    for spot in spots:
        try:
            log.info("%-70s %s", spot, deaths.die(spot))
        except AssertionError as broken:
            wrong[str(spot)] = str(broken)[:2000]
            log.info("%-70s WRONG", spot)
    assert wrong == {}


def test_every_point_is_passed_and_some_deaths_at_them_lose_nothing(
    shop: MortalShop, on_sqlite: NewLedger
) -> None:
    passed = set()
    for operation in Operation:
        deaths = Deaths(shop, on_sqlite, operation)
        points = deaths.points()
        passed |= {point.partition(":")[0] for point in points}
        _all_go_on(deaths, _some(spots_of(points)))
    assert passed == set(Point)


def test_some_deaths_on_postgres_lose_nothing(shop: MortalShop, on_postgres: NewLedger) -> None:
    deaths = Deaths(shop, on_postgres, Operation.PURGE)
    _all_go_on(deaths, _some(spots_of(deaths.points())))


def _some(spots: list[Spot]) -> list[Spot]:
    step = len(spots) // CORE
    return spots[step // 2 :: step][:CORE]


@pytest.mark.long
@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("database", ["on_sqlite", "on_postgres"])
def test_a_death_at_any_point_loses_nothing_and_does_nothing_twice(
    shop: MortalShop, database: str, operation: Operation, request: pytest.FixtureRequest
) -> None:
    deaths = Deaths(shop, request.getfixturevalue(database), operation)
    _all_go_on(deaths, spots_of(deaths.points()))
