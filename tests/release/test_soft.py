"""When softly purged keys expire, and what becomes of a pattern that several routes have."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.release.catalog import Route
from bot.release.soft import Soft
from bot.release.treatment import duration, scopes_of, treatments_of

BEGUN = 1_800_000_000_000
KEYS = ("anp:page:*",)


def route(**said: Any) -> Route:
    return Route.model_validate({"keys": KEYS, "paths": ("/",), **said})


@given(key=st.binary(max_size=40), ttl_s=st.integers(1, 604_800))
def test_a_key_expires_in_the_last_tenth_of_the_time_and_always_at_the_same_moment(
    key: bytes, ttl_s: int
) -> None:
    soft = Soft(pattern="anp:page:*", ttl_s=ttl_s, begun_ms=(BEGUN,))
    assert BEGUN + 900 * ttl_s <= soft.target(key) <= BEGUN + 1000 * ttl_s
    later = Soft(pattern="anp:page:*", ttl_s=ttl_s, begun_ms=(BEGUN, BEGUN + 60_000))
    assert later.target(key) == soft.target(key) + 60_000
    assert later.is_target(key, soft.target(key))
    assert later.is_target(key, later.target(key))
    assert not later.is_target(key, soft.target(key) + 1)


@pytest.mark.parametrize(
    ("routes", "treatment"),
    [
        ([{}], ""),
        ([{"soft_ttl": 60}], "soft 60"),
        ([{"undo": False}], "plain"),
        ([{"undo": False}, {}], ""),
        ([{"undo": False}, {"soft_ttl": 60}], "soft 60"),
        ([{"soft_ttl": 300}, {"soft_ttl": 60}], "soft 60"),
        ([{"soft_ttl": 300}, {}], ""),
    ],
)
def test_a_pattern_of_several_routes_is_treated_as_what_can_be_put_back(
    routes: list[dict[str, Any]], treatment: str
) -> None:
    named = [(f"r{number}", route(**said)) for number, said in enumerate(routes)]
    assert treatments_of(named) == {"anp:page:*": treatment}


@pytest.mark.parametrize(
    "said",
    [
        {"soft_ttl": 60, "undo": False},
        {"keys": (), "generation": "anp:gen:page", "soft_ttl": 60},
        {"keys": (), "generation": "anp:gen:page", "undo": False},
        {"soft_ttl": 0},
        {"soft_ttl": 604_801},
    ],
)
def test_a_route_that_contradicts_itself_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        route(**said)


def test_scopes_keep_the_order_of_the_patterns() -> None:
    scopes = scopes_of(("a:1*", "a:2*", "a:3*", "a:4*"), (("a:2*", "plain"), ("a:3*", "soft 60")))
    assert (scopes.captured, scopes.soft, scopes.plain) == (
        ("a:1*", "a:4*"),
        (("a:3*", 60),),
        ("a:2*",),
    )
    assert (scopes.undoable, scopes.leaving) == (
        ("a:1*", "a:4*", "a:3*"),
        ("a:1*", "a:4*", "a:2*"),
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(45, "45 s"), (300, "5 min"), (5400, "1 h 30 min"), (3661, "1 h 1 min 1 s")],
)
def test_seconds_are_said_as_people_say_them(seconds: int, words: str) -> None:
    assert duration(seconds) == words
