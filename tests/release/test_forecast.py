"""The refill is foretold from two looks at the server's counters."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.forecast import Forecast, Traffic, forecast, minutes_to_warm
from bot.release.plan_words import refill_words


def look(hits: int, misses: int = 0, *, keys: int = 1000, at: float = 0.0) -> Traffic:
    return Traffic(hits=hits, misses=misses, keys=keys, at=at)


def test_the_scope_takes_its_share_of_the_hits() -> None:
    found = forecast(keys=100, size=5000, first=look(1000), last=look(1400, 100, at=2.0))
    assert (found.keys, found.bytes, found.seconds) == (100, 5000, 2.0)
    assert (found.hits_per_s, found.hit_rate, found.cold_per_s) == (200.0, 0.9333, 20.0)
    assert found.minutes_to_warm == round(100 * math.log(20) / 20 / 60, 3) == 0.25
    assert refill_words(found) == (
        "about 20 cold requests/s at first, 95% warm in under a minute (hit rate 93%)"
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, None),
        (look(10), None),
        (None, look(10)),
        (look(10, at=5.0), look(20, at=5.0)),
        (look(10), look(5, at=1.0)),
        (look(10, 10), look(11, 5, at=1.0)),
    ],
    ids=["none", "no last", "no first", "no time", "hits set back", "misses set back"],
)
def test_what_the_server_does_not_say_is_not_known(
    first: Traffic | None, last: Traffic | None
) -> None:
    found = forecast(keys=7, size=70, first=first, last=last)
    assert found == Forecast(keys=7, bytes=70)
    assert refill_words(found) == (
        "not known, the server does not let the bot read its counters (INFO)"
    )


def test_a_cache_that_nobody_reads_has_no_time_to_warm() -> None:
    found = forecast(keys=7, size=70, first=look(0), last=look(0, at=1.0))
    assert (found.cold_per_s, found.minutes_to_warm, found.hit_rate) == (0.0, None, 0.0)
    assert refill_words(found) == "nobody reads the cache right now"


@pytest.mark.parametrize(
    ("hits", "keys", "said"),
    [
        (90, 500, "about 45 cold requests/s at first, 95% warm in under a minute"),
        (4, 100, "about 24 cold requests/min at first, 95% warm in about 12 min"),
        (1, 1000, "about 1 cold requests/s at first, 95% warm in about 50 min"),
        (1, 10, "about 1 cold requests/min at first, 95% warm in about 50 min"),
    ],
)
def test_the_refill_is_said_in_units_that_fit(hits: int, keys: int, said: str) -> None:
    found = forecast(keys=keys, size=0, first=look(0), last=look(hits, at=1.0))
    assert refill_words(found) == f"{said} (hit rate 100%)"


def test_a_slow_refill_is_said_in_hours_and_days() -> None:
    for minutes, said in ((300.0, "in about 5 h"), (5000.0, "after more than two days")):
        slow = Forecast(keys=1, bytes=1, hit_rate=0.5, cold_per_s=2.0, minutes_to_warm=minutes)
        assert refill_words(slow) == (
            f"about 2 cold requests/s at first, 95% warm {said} (hit rate 50%)"
        )


@given(
    keys=st.integers(min_value=1, max_value=10**9),
    per_second=st.floats(min_value=0.01, max_value=10**6),
)
def test_after_that_time_the_wished_share_is_warm(keys: int, per_second: float) -> None:
    seconds = minutes_to_warm(keys, per_second) * 60
    assert 1 - math.exp(-seconds * per_second / keys) == pytest.approx(0.95)


@given(
    keys=st.integers(min_value=0, max_value=10**6), there=st.integers(min_value=0, max_value=10**6)
)
def test_no_more_requests_go_cold_than_are_hits(keys: int, there: int) -> None:
    found = forecast(keys=keys, size=0, first=look(0), last=look(500, keys=there, at=1.0))
    assert found.cold_per_s is not None
    assert 0 <= found.cold_per_s <= 500
