"""The bot is killed in the middle of the work, and started again."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from bot.sandbox.demo import Demo
from tests.keyspace_picture import picture, split
from tests.slack_person import SlackPerson, wait_for

pytestmark = pytest.mark.fault


def _purge_is_planned(demo: Demo) -> tuple[SlackPerson, SlackPerson]:
    assert demo.slack is not None
    olga, ari = SlackPerson(demo.slack, "U01OWNER"), SlackPerson(demo.slack, "U02APPROVER")
    olga.types("/cache-release purge shop products")
    olga.presses("Run", on="Purge only the affected route")
    ari.sees("keys match")
    return olga, ari


LOOKED_AT = 2


def _keys_left(url: str) -> int:
    with Redis.from_url(url) as client:
        return sum(1 for _ in client.scan_iter("anp:page:/products*", count=1000))


def test_a_purge_that_is_killed_goes_on_and_loses_nothing(demo: Demo) -> None:
    url = demo.redis_urls["production"]
    _, ari = _purge_is_planned(demo)
    before, outside = split(picture(url))
    planned = _keys_left(url)
    ari.presses("Approve purge", on="Purge only the affected route")
    wait_for("the purge", lambda: _keys_left(url) < planned)
    demo.kill_bot()
    in_between = _keys_left(url)
    demo.start_bot()
    ari.sees("are in snapshot", seconds=60)
    # The look after a purge asks for the route's pages, and the shop writes them anew.
    assert _keys_left(url) == LOOKED_AT
    assert split(picture(url))[1] == outside
    assert 0 < in_between < planned
    ari.presses("Roll back", on="R-1")
    ari.sees("R-1 rolled back", seconds=60)
    _assert_same(before, split(picture(url))[0])


def test_a_rollback_that_is_killed_goes_on_and_every_key_is_back(demo: Demo) -> None:
    url = demo.redis_urls["production"]
    _, ari = _purge_is_planned(demo)
    before, outside = split(picture(url))
    ari.presses("Approve purge", on="Purge only the affected route")
    ari.sees("are in snapshot", seconds=60)
    ari.presses("Roll back", on="R-1")
    wait_for("the restore", lambda: _keys_left(url) > 0)
    demo.kill_bot()
    demo.start_bot()
    ari.sees("R-1 rolled back", seconds=60)
    after, others = split(picture(url))
    _assert_same(before, after)
    assert others == outside


def test_a_rollback_in_the_middle_of_a_purge_stops_it_and_puts_back_what_was_taken(
    demo: Demo,
) -> None:
    assert demo.slack is not None
    url = demo.redis_urls["production"]
    _, ari = _purge_is_planned(demo)
    before, outside = split(picture(url))
    planned = _keys_left(url)
    ari.presses("Approve purge", on="Purge only the affected route")
    wait_for("the purge", lambda: _keys_left(url) < planned)
    root = ari.sees("R-1 · shop · PRODUCTION")
    ari.types("<@U0BOT> rollback", thread=root["ts"])
    ari.sees("Stopped by the rollback", seconds=60)
    ari.sees("R-1 rolled back", seconds=60)
    after, others = split(picture(url))
    _assert_same(before, after)
    assert others == outside


def _assert_same(
    before: dict[bytes, tuple[bytes, int]], after: dict[bytes, tuple[bytes, int]]
) -> None:
    now = time.time() * 1000
    alive = {key: value for key, value in before.items() if value[1] < 0 or value[1] > now}
    assert {key: value for key, value in after.items() if key in alive} == alive
    assert set(after) <= set(before)


def test_a_purge_in_waves_that_is_killed_while_it_is_paused_goes_on_when_it_is_resumed(
    demo: Demo,
) -> None:
    assert demo.slack is not None
    url = demo.redis_urls["production"]
    _, ari = _purge_is_planned(demo)
    before, outside = split(picture(url))
    planned = _keys_left(url)
    ari.presses("Approve purge", on="Purge only the affected route")
    wait_for("the first wave", lambda: _keys_left(url) < planned)
    ari.presses("Pause", on="Purge only the affected route")
    ari.sees("PAUSED", seconds=60)
    demo.kill_bot()
    paused_at = _keys_left(url)
    demo.start_bot()
    assert 0 < paused_at < planned
    assert _keys_left(url) == paused_at
    ari.presses("Resume", on="Purge only the affected route")
    ari.sees("are in snapshot", seconds=60)
    # The look after a purge asks for the route's pages, and the shop writes them anew.
    assert _keys_left(url) == LOOKED_AT
    assert split(picture(url))[1] == outside
    ari.presses("Roll back", on="R-1")
    ari.sees("R-1 rolled back", seconds=60)
    _assert_same(before, split(picture(url))[0])
