"""A release is watched for real: the bot is killed meanwhile, the shop becomes slow, it rolls itself back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.demo import Demo
from bot.sandbox.shop.versions import Version
from tests.fault.conftest import MANIFEST
from tests.keyspace_picture import picture, split
from tests.slack_person import SlackPerson, buttons, shown, wait_for

pytestmark = pytest.mark.fault

ROUTE = "Purge only the affected route"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Demo]:
    """Run a demo whose releases are watched for a minute, with a look every 3 seconds."""
    running = Demo(tmp_path / "demo", MANIFEST, keys=3000, watch_every_s=3)
    try:
        running.start(bot=False)
        yield running
    finally:
        running.stop()


def _purged(demo: Demo) -> SlackPerson:
    demo.start_bot()
    assert demo.slack is not None
    olga, ari = SlackPerson(demo.slack, "U01OWNER"), SlackPerson(demo.slack, "U02APPROVER")
    olga.types("/cache-release purge shop products")
    olga.presses("Run", on=ROUTE)
    ari.presses("Approve purge", on=ROUTE, seconds=60)
    return ari


def _rows(demo: Demo, tmp_path: Path, query: str) -> list[Any]:
    with sqlite3.connect(
        f"file:{tmp_path / 'demo' / 'cache-release.sqlite'}?mode=ro", uri=True
    ) as db:
        return db.execute(query).fetchall()


def _looks(demo: Demo, tmp_path: Path) -> list[int]:
    found = _rows(
        demo,
        tmp_path,
        "SELECT json_extract(numbers, '$.number') FROM measurement WHERE kind = 'watch' ORDER BY id",
    )
    return [number for (number,) in found]


def _direct(demo: Demo, user: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what the bot wrote to a person alone, with the channel of each message."""
    assert demo.slack is not None
    rows: dict[str, list[dict[str, Any]]] = demo.slack.state(user)["messages"]
    return [
        (channel, message)
        for channel, found in rows.items()
        if channel.startswith("D")
        for message in found
    ]


def test_a_watch_that_is_killed_goes_on_and_makes_no_look_twice(
    watched: Demo, tmp_path: Path
) -> None:
    ari = _purged(watched)
    wait_for("two looks", lambda: len(_looks(watched, tmp_path)) >= 2, seconds=90)
    watched.kill_bot()
    before = _looks(watched, tmp_path)
    watched.start_bot()
    ari.sees("R-1 is done: watched", seconds=150)
    after = _looks(watched, tmp_path)
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert after == sorted(set(after))
    states = dict(_rows(watched, tmp_path, "SELECT state, count(*) FROM timer GROUP BY state"))
    assert set(states) <= {"done", "missed"}
    assert (states["done"], sum(states.values())) == (len(after), 20)


def test_a_shop_that_becomes_slow_pages_those_on_call_with_the_button_that_undoes_it(
    watched: Demo, tmp_path: Path
) -> None:
    before = split(picture(watched.redis_urls["production"]))[0]
    ari = _purged(watched)
    wait_for("a look", lambda: _looks(watched, tmp_path), seconds=90)
    watched.shops["production"].deploy(Version.SLOW)
    paged = ari.sees("<@U03ONCALL> R-1 on shop PRODUCTION: SLOWER, twice in a row.", seconds=60)
    assert "The bot changed nothing" in shown(paged)
    ((channel, direct),) = wait_for("a direct message", lambda: _direct(watched, "U03ONCALL"))
    assert shown(direct).startswith("R-1 on shop PRODUCTION: SLOWER, twice in a row. /products")
    block, pressed = next(
        (block, found) for block, found in buttons(direct) if found["text"]["text"] == "Roll back"
    )
    assert watched.slack is not None
    answer = watched.slack.act(
        "U03ONCALL",
        do="press",
        channel=channel,
        ts=direct["ts"],
        block_id=block["block_id"],
        action_id=pressed["action_id"],
        element={"type": "button", "value": pressed["value"]},
    )
    assert answer["ok"], answer
    ari.sees("R-1 rolled back", seconds=60)
    wait_for("the button gone", lambda: not list(buttons(_direct(watched, "U03ONCALL")[0][1])))
    assert split(picture(watched.redis_urls["production"]))[0].keys() == before.keys()
    pages = [row for _, row in _direct(watched, "U03ONCALL") if "SLOWER" in shown(row)]
    assert len(pages) == 1


def test_a_release_that_may_roll_itself_back_does_so_when_the_shop_becomes_slow(
    watched: Demo, tmp_path: Path
) -> None:
    catalog = tmp_path / "demo" / "catalog.toml"
    catalog.write_text(
        catalog.read_text().replace("approvals = 1\n", "approvals = 1\nauto_rollback = true\n")
    )
    before = split(picture(watched.redis_urls["production"]))[0]
    ari = _purged(watched)
    wait_for("a look", lambda: _looks(watched, tmp_path), seconds=90)
    watched.shops["production"].deploy(Version.SLOW)
    ari.sees("The bot rolls back by itself", seconds=60)
    ari.sees("R-1 rolled back", seconds=60)
    assert watched.shops["production"].live is Version.V1
    assert split(picture(watched.redis_urls["production"]))[0].keys() == before.keys()
    asked = _rows(watched, tmp_path, "SELECT asked_by FROM action WHERE kind = 'rollback'")
    assert asked == [("cache-release",)]
