"""The bot is killed in the middle of a rehearsal, and started again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from bot.sandbox.demo import Demo
from tests.browser.redis_watch import RedisWatch
from tests.fault.conftest import MANIFEST
from tests.keyspace_picture import picture
from tests.slack_person import SlackPerson, wait_for

pytestmark = pytest.mark.fault

Picture = dict[bytes, tuple[bytes, int]]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "demo", MANIFEST)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _rehearses(demo: Demo) -> SlackPerson:
    assert demo.slack is not None
    olga = SlackPerson(demo.slack, "U01OWNER")
    olga.types("/cache-release rehearse shop products")
    return olga


def _keys_left(url: str) -> int:
    with Redis.from_url(url) as client:
        return sum(1 for _ in client.scan_iter("anp:page:/products*", count=1000))


def _alive(whole: Picture) -> Picture:
    now = time.time() * 1000
    return {key: value for key, value in whole.items() if value[1] < 0 or value[1] > now}


def _every_key_is_back(card: object) -> bool:
    """Return whether the card counts as many keys byte-equal as there were."""
    return re.search(r"\b(\d[\d,]*) of \1 keys byte-equal after", str(card)) is not None


def _changed(before: Picture, after: Picture) -> dict[bytes, tuple[object, object]]:
    """Return the keys that were there before, still live, and are not as they were; staged ones that are left too."""
    alive = _alive(before)
    changed = {
        key: (value, after.get(key)) for key, value in alive.items() if after.get(key) != value
    }
    left = {key: (None, value) for key, value in after.items() if key.startswith(b"~q:")}
    return {**changed, **left}


def test_a_rehearsal_that_is_killed_in_its_purge_goes_on_and_staging_is_as_it_was(
    demo: Demo,
) -> None:
    staging, production = demo.redis_urls["staging"], demo.redis_urls["production"]
    before, real = picture(staging), picture(production)
    planned = _keys_left(staging)
    with RedisWatch(production) as watch:
        olga = _rehearses(demo)
        wait_for("the purge", lambda: _keys_left(staging) < planned, seconds=60)
        demo.kill_bot()
        in_between = _keys_left(staging)
        demo.start_bot()
        card = olga.sees("byte-equal", seconds=120)
        assert watch.destroyed() == []
    assert in_between < planned
    assert _every_key_is_back(card)
    assert "The bot was started again meanwhile" in str(card)
    assert _changed(before, picture(staging)) == {}
    assert _changed(real, picture(production)) == {}


def test_a_rehearsal_that_is_killed_at_its_rollback_command_puts_every_key_back(
    demo: Demo, tmp_path: Path
) -> None:
    staging = demo.redis_urls["staging"]
    before = picture(staging)
    version = tmp_path / "demo" / "shop" / "staging.version"
    olga = _rehearses(demo)
    wait_for("the command", lambda: version.read_text().splitlines()[-1] == "v1", seconds=120)
    demo.kill_bot()
    demo.start_bot()
    card = olga.sees("byte-equal", seconds=120)
    assert _every_key_is_back(card)
    assert _changed(before, picture(staging)) == {}
    assert [path.name for path in (tmp_path / "demo" / "snapshots").glob("rehearsal-*")] == []
