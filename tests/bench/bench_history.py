"""How long status, history, where and the home tab take with 100 and with 100,000 finished releases.

Run it as `python -m tests.bench.bench_history [many]`; the two ledgers are written anew each time.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from sqlalchemy import insert

from bot.app import commands, steps
from bot.commands import Ask, Tools
from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.effects.ledger.tables import APPROVAL, RELEASE, RELEASE_ROUTE, STEP
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.slack.views.home import home_view
from tests.ledger_values import new_release
from tests.talk.conftest import CATALOG, Queue

FEW, MANY, AT_ONCE, TRIES, LIVE = 100, 100_000, 5_000, 40, 10
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
ANA = Person(id="U01OWNER")
LINES = (
    "status",
    "where",
    "history",
    "history shop products",
    "history --text price",
    "history --text zebra",
    "stats shop",
)


def fill(ledger: SqlLedger, number: int) -> None:
    """Write finished releases of five approved steps each, then ten live ones."""
    with ledger._engine.begin() as connection:
        for first in range(1, number + 1, AT_ONCE):
            ids = range(first, min(first + AT_ONCE, number + 1))
            connection.execute(insert(RELEASE), [_release(count) for count in ids])
            routes = [{"release_id": count, "route": "products", "position": 0} for count in ids]
            connection.execute(insert(RELEASE_ROUTE), routes)
            lines = [_step(count, place) for count in ids for place in range(1, 6)]
            connection.execute(insert(STEP), lines)
            connection.execute(insert(APPROVAL), [_approval(count) for count in ids])
    for count in range(LIVE):
        new = new_release(routes=(f"r{count}",), place="env:R", scope=(f"anp:r{count}:*",))
        ledger.open_release(new, by=ANA.id, at=datetime.now(UTC))


def _release(count: int) -> dict[str, object]:
    began = BEGAN + timedelta(minutes=30 * count)
    return {
        "id": count,
        "app": "shop",
        "environment": "production",
        "title": f"Price table {count}",
        "starter": ANA.id,
        "owner": ANA.id,
        "state": "done",
        "version": 3,
        "channel": "C01REL",
        "catalog_hash": "c",
        "started_at": began,
        "ended_at": began + timedelta(minutes=9),
    }


def _step(count: int, place: int) -> dict[str, object]:
    return {
        "release_id": count,
        "number": place,
        "kind": "headers",
        "title": "Look",
        "owner": ANA.id,
        "expected": "Fine.",
        "rollback_note": "Nothing.",
        "state": "done",
        "version": 3,
        "outcome": "pass",
        "evidence": "Fine.",
        "actual": "Fine.",
    }


def _approval(count: int) -> dict[str, object]:
    return {
        "release_id": count,
        "step": 3,
        "given_by": "U02APPROVER",
        "plan_hash": "p",
        "given_at": BEGAN,
    }


def _asks(ledger: SqlLedger, catalog: Catalog) -> Mapping[str, Callable[[], object]]:
    tools = Tools(
        catalog=catalog, ledger=ledger, engine=Queue(), steps=steps(), commands=commands()
    )

    def say(line: str) -> Callable[[], object]:
        verb, *words = line.split()
        text = {"text": words[1]} if "--text" in words else {}
        ask = Ask(
            verb=verb,
            who=ANA,
            at=datetime.now(UTC),
            door="bench",
            words=() if text else tuple(words),
            fields=text,
        )
        return lambda: tools.commands[verb].run(ask, tools)

    def home() -> object:
        stories = [ledger.story(row.id) for row in ledger.releases(limit=20)]
        found = [story for story in stories if story is not None]
        return home_view(found, ledger.locks(), catalog, str, who=ANA, at=datetime.now(UTC))

    return {**{line: say(line) for line in LINES}, "home tab": home}


def filled(folder: Path, number: int) -> SqlLedger:
    """Return a ledger of so many releases, opened as a bot that starts finds it."""
    url = f"sqlite:///{folder / f'{number}.sqlite'}"
    migrate(url)
    ledger = open_ledger(url)
    fill(ledger, number)
    ledger.close()
    return open_ledger(url)


def measure(ledgers: Sequence[SqlLedger]) -> dict[str, list[float]]:
    """Return the median time of each answer in milliseconds, ledger by ledger; they take turns."""
    catalog = Catalog.model_validate(CATALOG)
    asks = [_asks(ledger, catalog) for ledger in ledgers]
    took: dict[str, list[float]] = {}
    for name in asks[0]:
        times: list[list[float]] = [[] for _ in asks]
        for turn in range(TRIES + 1):
            for ask, kept in zip(asks, times, strict=True):
                begun = time.perf_counter()
                ask[name]()
                if turn:
                    kept.append(time.perf_counter() - begun)
        took[name] = [statistics.median(kept) * 1000 for kept in times]
    return took


def main(many: int) -> None:
    """Print a line for each answer."""
    console = Console(highlight=False, markup=False)
    with tempfile.TemporaryDirectory() as folder:
        ledgers = [filled(Path(folder), FEW), filled(Path(folder), many)]
        took = measure(ledgers)
        for ledger in ledgers:
            ledger.close()
    console.print(f"{'answer':24} {FEW:>10,} {many:>10,} releases, median ms of {TRIES}")
    for name, (few, lots) in took.items():
        console.print(f"{name:24} {few:10.2f} {lots:10.2f}   x {lots / few:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)
