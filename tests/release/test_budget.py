"""How many calls a way out takes, and when the next one may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.release.budget import Budget, wait_until

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TEN = Budget(calls=10, seconds=10.0, kept=2)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def test_progress_leaves_the_last_calls_to_what_a_person_waits_for() -> None:
    eight = [at(n / 10) for n in range(8)]
    assert wait_until(eight, TEN, at(1), hurry=False) == at(10)
    assert wait_until(eight, TEN, at(1), hurry=True) is None


def test_a_full_window_says_when_its_first_call_leaves_it() -> None:
    ten = [at(n) for n in range(10)]
    assert wait_until(ten, TEN, at(9.5), hurry=True) == at(10)
    assert wait_until(ten, TEN, at(9.5), hurry=False) == at(12)
    assert wait_until(ten, TEN, at(10), hurry=True) is None


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=60))
def test_no_window_ever_holds_more_calls_than_the_budget(asked: list[tuple[float, bool]]) -> None:
    now, made = 0.0, list[float]()
    for pause, hurry in asked:
        now += pause
        free = wait_until([at(moment) for moment in made], TEN, at(now), hurry=hurry)
        if free is None:
            made.append(now)
        else:
            assert free > at(now)
    for moment in made:
        assert sum(moment <= other < moment + TEN.seconds for other in made) <= TEN.calls
