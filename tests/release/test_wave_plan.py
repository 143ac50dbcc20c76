"""In how many waves a purge goes, what is said of it, and which pages are warmed."""

from __future__ import annotations

import pytest

from bot.release.catalog import Environment, Route
from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.release.warm_pages import MOST, pages_to_warm
from bot.release.wave_plan import came_back, pulse, shares_of

PLAIN = Environment(redis="env:R", url="http://127.0.0.1:1")
OWN = Environment(redis="env:R", url="http://127.0.0.1:1", waves=(5, 100))


@pytest.mark.parametrize(
    ("name", "environment", "keys", "shares"),
    [
        ("production", PLAIN, 1_000, (1, 10, 100)),
        ("production", PLAIN, 999, (100,)),
        ("staging", PLAIN, 1_000_000, (100,)),
        ("staging", OWN, 1_000, (5, 100)),
        ("staging", OWN, 999, (100,)),
    ],
)
def test_the_catalog_the_name_and_the_size_say_how_many_waves(
    name: str, environment: Environment, keys: int, shares: tuple[float, ...]
) -> None:
    assert shares_of(name, environment, keys) == shares


def test_progress_says_share_wave_speed_and_the_time_that_is_left() -> None:
    line = pulse(480, 1_200, keys_per_s=120.4, wave=2, waves=3)
    assert line == "keys taken out (40 %), wave 2 of 3, 120 keys/s, 6 s left"
    assert pulse(0, 0, keys_per_s=0, wave=1, waves=1) == "keys taken out"
    assert pulse(1, 60_001, keys_per_s=100, wave=1, waves=1).endswith("100 keys/s, 10 min left")


def test_the_second_pass_is_said_with_what_to_do() -> None:
    assert came_back(0, 0) == "0 keys left."
    assert came_back(1, 0) == "1 key came back, none of them with old content."
    assert came_back(3, None) == "3 keys came back; their content was not compared."
    assert came_back(12, 3).startswith("12 keys came back, 3 of them with old content: look")


def _plan(pattern: str, *names: str) -> Plan:
    row = PatternCount(pattern=pattern, keys=9, bytes=9, ttl=TtlSpread(), sample=names)
    return Plan(
        app="shop", environment="production", routes=("p",), patterns=(row,), database_keys=9
    )


def test_only_pages_of_a_route_that_wants_it_are_warmed() -> None:
    route = Route(keys=("anp:page:/p*",), paths=("/p", "/p?x=1"), warm=True)
    plan = _plan(
        "anp:page:/p*",
        "anp:page:/p",
        "anp:page:/p?page=2",
        "anp:page:/p10",
        "anp:page:/p/%0A",
        "anp:page:/p/a b",
    )
    assert pages_to_warm([("p", route)], plan) == ("/p", "/p?x=1", "/p?page=2")
    assert pages_to_warm([("p", route.model_copy(update={"warm": False}))], plan) == ()
    assert pages_to_warm([("p", route)], None) == ("/p", "/p?x=1")


def test_keys_that_name_no_page_warm_none_and_fifty_are_the_most() -> None:
    route = Route(keys=("anp:fragment:p:*",), paths=("/p",), warm=True)
    assert pages_to_warm([("p", route)], _plan("anp:fragment:p:*", "anp:fragment:p:/x")) == ("/p",)
    many = Route(keys=("anp:page:/p*",), paths=("/p",), warm=True)
    plan = _plan("anp:page:/p*", *(f"anp:page:/p?page={number}" for number in range(80)))
    assert len(pages_to_warm([("p", many)], plan)) == MOST
