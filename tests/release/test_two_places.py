"""How two environments differ, and which of it changes what a rehearsal proves."""

from __future__ import annotations

import pytest

from bot.release.catalog import Environment
from bot.release.key_compare import Difference, of_keys
from bot.release.page_compare import of_pages
from bot.release.plan import PatternCount, TtlSpread
from bot.release.two_places import ServerFacts, Side, differences, same_keys

PLACE = Environment(redis="env:R", url="http://127.0.0.1")
FACTS = ServerFacts(server="valkey 9.0.1", maxmemory=0, policy="noeviction", databases=(0,))
HEADERS = (("Cache-Control", "public, max-age=60"), ("X-Cache", "HIT"), ("Age", "3"))


def side(name: str, server: ServerFacts = FACTS, place: Environment = PLACE) -> Side:
    return Side(name=name, place=place, server=server)


def found(**changes: object) -> tuple[Difference, ...]:
    there = ServerFacts(**{**vars(FACTS), **changes})
    return differences(side("staging"), side("production", there))


def test_what_is_alike_has_no_difference() -> None:
    assert found() == ()


@pytest.mark.parametrize(
    ("changes", "what", "weighs"),
    [
        ({"server": "valkey 9.0.4"}, "server", False),
        ({"server": "valkey 8.1.0"}, "server", True),
        ({"server": "redis 9.0.1"}, "server", True),
        ({"server": None}, "server", True),
        ({"policy": "allkeys-lru"}, "maxmemory-policy", True),
        ({"maxmemory": 2**20}, "maxmemory", True),
        ({"maxmemory": None}, "maxmemory", False),
        ({"databases": (0, 1)}, "databases with keys", False),
        ({"clustered": True, "nodes": 3}, "layout", True),
    ],
)
def test_a_difference_of_the_servers_weighs_or_not(
    changes: dict[str, object], what: str, weighs: bool
) -> None:
    (row,) = found(**changes)
    assert (row.what, bool(row.why)) == (what, weighs)


def test_what_weighs_comes_first() -> None:
    rows = found(databases=(0, 1), policy="allkeys-lru")
    assert [row.what for row in rows] == ["maxmemory-policy", "databases with keys"]


def test_what_the_catalog_says_of_the_two_is_compared() -> None:
    real = PLACE.model_copy(update={"replica": "env:X", "pace": "gentle", "waves": (10.0, 100.0)})
    rows = differences(side("staging"), side("production", place=real))
    assert [(row.what, row.here, row.there) for row in rows] == [
        ("catalog: replica", "none", "one"),
        ("catalog: pace", "normal", "gentle"),
        ("catalog: waves", "by its name", "10 %, 100 %"),
    ]


def count(keys: int, **ttl: int) -> PatternCount:
    return PatternCount(pattern="a:b:*", keys=keys, bytes=0, ttl=TtlSpread(**ttl), sample=())


@pytest.mark.parametrize(
    ("here", "there", "why"),
    [
        (100, 999, ""),
        (100, 1000, "a rollback takes longer with 10 times the keys"),
        (0, 1, "nothing of this pattern was rehearsed"),
        (5, 0, ""),
    ],
)
def test_a_number_of_keys_weighs_from_ten_times_on(here: int, there: int, why: str) -> None:
    (row,) = of_keys((count(here),), (count(there),))
    assert (row.here, row.there, row.why) == (f"{here:,}", f"{there:,}", why)


def test_an_equal_number_and_a_like_expiry_are_no_difference() -> None:
    here, there = count(10, under_hour=10), count(10, under_hour=9, under_day=1)
    assert list(of_keys((here,), (there,))) == []


def test_keys_without_an_expiry_on_one_side_only_weigh() -> None:
    (row,) = of_keys((count(10, under_hour=10),), (count(10, no_expiry=5, under_hour=5),))
    assert (row.here, row.there, row.why) == (
        "100% within an hour",
        "50% never expire, 50% within an hour",
        "keys without an expiry were not rehearsed",
    )
    (row,) = of_keys((count(10, no_expiry=10),), (count(10, under_hour=10),))
    assert row.why == "production's keys all expire: what is gone by then stays gone"


def test_a_page_alike_but_for_its_age_has_no_difference() -> None:
    other = (*HEADERS[:2], ("Age", "9"), ("Date", "now"))
    assert list(of_pages({"/p": (200, HEADERS)}, {"/p": (200, other)})) == []


@pytest.mark.parametrize(
    ("status", "headers", "what", "weighs"),
    [
        (503, HEADERS, "status of /p", True),
        (200, (("Cache-Control", "private"), *HEADERS[1:]), "Cache-Control of /p", True),
        (200, (*HEADERS, ("Vary", "Cookie")), "Vary of /p", True),
        (200, (*HEADERS, ("Server", "nginx")), "Server of /p", False),
        (200, (HEADERS[0], ("CF-Cache-Status", "HIT")), "cache indicator of /p", True),
        (200, (*HEADERS, ("Set-Cookie", "a=b")), "headers of /p", True),
        (200, (*HEADERS, ("X-Served-By", "a")), "headers of /p", False),
    ],
)
def test_a_difference_of_a_page_weighs_where_a_cache_heeds_it(
    status: int, headers: tuple[tuple[str, str], ...], what: str, weighs: bool
) -> None:
    (row,) = of_pages({"/p": (200, HEADERS)}, {"/p": (status, headers)})
    assert (row.what, bool(row.why)) == (what, weighs)


def test_a_value_of_a_cookie_is_never_shown() -> None:
    other = (*HEADERS, ("Set-Cookie", "session=secret"))
    (row,) = of_pages({"/p": (200, HEADERS)}, {"/p": (200, other)})
    assert "secret" not in f"{row.here} {row.there}"


def test_servers_that_do_not_say_who_they_are_are_not_taken_for_one() -> None:
    assert not same_keys(ServerFacts(), ServerFacts())


def test_a_difference_is_said_in_one_line() -> None:
    row = Difference(what="maxmemory", here="no limit", there="1 MB", why="it may fill up")
    assert row.words("staging", "production") == (
        "maxmemory: staging no limit, production 1 MB (it may fill up)"
    )
