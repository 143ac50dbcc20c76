from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.rates import Bucket, Rates, take
from bot.release.refusal import Refusal
from bot.slack.rates import MOST, Buckets, RateLimits


class Time:
    """Seconds that the test counts."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def _refused(limits: RateLimits, user: str, verb: str, release: int | None = None) -> str | None:
    try:
        limits.admit(user, verb, release)
    except Refusal as refusal:
        return f"{refusal.code}: {refusal.failed} Expected: {refusal.expected}"
    return None


def test_one_ask_too_many_is_refused_with_the_seconds_to_wait() -> None:
    time = Time()
    limits = RateLimits(Rates(asks=3, clicks=100, rollbacks=100), time)
    assert [_refused(limits, "U1", "status") for _ in range(3)] == [None] * 3
    assert _refused(limits, "U1", "status") == (
        "too_many: Not done: you ask too often. Nothing was changed. Expected: at most 3 a minute; try again in 20 s. "
        "A rollback has a limit of its own, which this does not touch."
    )
    assert _refused(limits, "U2", "status") is None
    time.at = 20.0
    assert [_refused(limits, "U1", "status") is None for _ in range(2)] == [True, False]


def test_a_release_that_many_press_at_once_is_spared() -> None:
    limits = RateLimits(Rates(asks=100, clicks=5, rollbacks=100), Time())
    pressed = [_refused(limits, f"U{number}", "run", 1) for number in range(6)]
    assert pressed[:5] == [None] * 5
    assert (pressed[5] or "").startswith("too_many: Not done: R-1 is asked too often.")
    assert _refused(limits, "U9", "run", 2) is None


def test_noise_cannot_empty_what_is_kept_for_a_rollback() -> None:
    limits = RateLimits(Rates(asks=2, clicks=2, rollbacks=4), Time())
    for number in range(50):
        _refused(limits, f"U{number % 5}", "status", 1)
        _refused(limits, "U9", "rollback", 1)
    assert _refused(limits, "U1", "status", 1) is not None
    assert [_refused(limits, "U1", "rollback", 1) for _ in range(4)] == [None] * 4
    assert (_refused(limits, "U1", "rollback", 1) or "").startswith(
        "too_many: Not done: you asked for many rollbacks."
    )


def test_only_the_names_seen_last_are_remembered() -> None:
    buckets = Buckets(1, Time())
    assert [buckets.wait_s("first"), buckets.wait_s("first")] == [0.0, 60.0]
    for number in range(MOST):
        buckets.wait_s(f"other {number}")
    assert buckets.wait_s("first") == 0.0


@given(
    per_minute=st.integers(1, 600),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=80),
)
def test_no_more_goes_through_than_a_full_bucket_and_what_refills(
    per_minute: int, pauses: list[float]
) -> None:
    bucket: Bucket | None = None
    at = through = 0.0
    for pause in pauses:
        at += pause
        bucket, wait_s = take(bucket, per_minute, at)
        through += wait_s == 0.0
        assert 0 <= wait_s <= 60 / per_minute + 1e-6
        assert 0 <= bucket.tokens <= per_minute
    assert through <= per_minute + at * per_minute / 60 + 1e-6


@pytest.mark.parametrize("per_minute", [1, 7, 60])
def test_whoever_waits_as_told_is_let_in(per_minute: int) -> None:
    bucket: Bucket | None = None
    for _ in range(per_minute):
        bucket, _ = take(bucket, per_minute, 0.0)
    _, wait_s = take(bucket, per_minute, 0.0)
    assert wait_s == pytest.approx(60 / per_minute)
    assert take(bucket, per_minute, wait_s + 1e-6)[1] == 0.0
