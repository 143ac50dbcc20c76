from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.release.pair_ranks import difference_ranks
from bot.release.slowdown import Change, shift, slowdown

SPREAD = [0.9, 0.95, 0.97, 1.0, 1.0, 1.03, 1.05, 1.1, 1.2, 1.5]
WEIGHT = [Change.OK, Change.NOT_SURE, Change.SLOWER]

times = st.floats(min_value=2.0, max_value=4000.0)
windows = st.lists(times, min_size=30, max_size=60)


def window(middle: float, count: int = 100) -> list[float]:
    return [middle * SPREAD[place % len(SPREAD)] for place in range(count)]


@given(
    st.lists(times, min_size=1, max_size=25), st.lists(times, min_size=1, max_size=25), st.data()
)
def test_ranks_of_differences_are_those_of_sorting_all_of_them(
    before: list[float], after: list[float], data: st.DataObject
) -> None:
    old, new = sorted(before), sorted(after)
    every = sorted(value - was for was in old for value in new)
    first = data.draw(st.integers(0, len(every) - 1))
    last = data.draw(st.integers(first, len(every) - 1))
    assert difference_ranks(old, new, first, last) == pytest.approx(every[first : last + 1])


@given(windows, windows)
def test_bounds_are_in_order(before: list[float], after: list[float]) -> None:
    seen = slowdown(before, after)
    assert seen is not None
    assert seen.lower <= seen.ratio <= seen.upper


@given(windows, windows, st.floats(min_value=0.01, max_value=100.0))
def test_the_unit_of_time_does_not_matter(
    before: list[float], after: list[float], unit: float
) -> None:
    seen = shift(before, after)
    scaled = shift([unit * ms for ms in before], [unit * ms for ms in after])
    assert scaled.middle == pytest.approx(seen.middle, abs=1e-9)
    assert (scaled.lower, scaled.upper) == pytest.approx((seen.lower, seen.upper), abs=1e-9)


@given(windows, windows)
def test_before_and_after_swapped_is_the_same_change_backwards(
    before: list[float], after: list[float]
) -> None:
    there, back = shift(before, after), shift(after, before)
    assert back.middle == pytest.approx(-there.middle, abs=1e-9)
    assert (back.lower, back.upper) == pytest.approx((-there.upper, -there.lower), abs=1e-9)


@given(windows, windows, st.floats(min_value=1.0, max_value=3.0))
def test_a_page_that_gets_slower_still_is_never_judged_better(
    before: list[float], after: list[float], factor: float
) -> None:
    was = slowdown(before, after)
    now = slowdown(before, [factor * ms for ms in after])
    assert was is not None
    assert now is not None
    assert WEIGHT.index(now.change) >= WEIGHT.index(was.change)
    assert now.ratio == pytest.approx(was.ratio * factor)


@given(windows, windows, st.floats(min_value=0.2, max_value=5.0))
def test_what_happens_to_page_and_control_alike_is_no_change_of_the_page(
    page: list[float], control: list[float], host: float
) -> None:
    quiet = slowdown(page, page, control=(control, control))
    moved = slowdown(
        page, [host * ms for ms in page], control=(control, [host * ms for ms in control])
    )
    assert quiet is not None
    assert moved is not None
    assert moved.ratio == pytest.approx(1.0)
    assert (moved.lower, moved.upper) == pytest.approx((quiet.lower, quiet.upper))
    assert moved.control == pytest.approx(host)


@settings(max_examples=50)
@given(windows, windows, windows, windows)
def test_a_control_never_makes_the_answer_surer(
    before: list[float], after: list[float], was: list[float], now: list[float]
) -> None:
    alone = slowdown(before, after)
    beside = slowdown(before, after, control=(was, now))
    assert alone is not None
    assert beside is not None
    width = math.log(alone.upper / alone.lower)
    assert math.log(beside.upper / beside.lower) >= width - 1e-9


@given(windows)
def test_the_same_window_twice_is_no_change(page: list[float]) -> None:
    seen = slowdown(page, page)
    assert seen is not None
    assert seen.ratio == pytest.approx(1.0)
    assert seen.change is not Change.SLOWER
    assert seen.in_noise


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        (100.0, 100.0, Change.OK),
        (100.0, 50.0, Change.OK),
        (100.0, 104.0, Change.OK),
        (100.0, 112.0, Change.SLOWER),
        (100.0, 250.0, Change.SLOWER),
        (2.0, 2.8, Change.OK),
        (2.0, 3.1, Change.SLOWER),
    ],
)
def test_a_change_is_named_where_the_samples_can_tell(
    was: float, now: float, change: Change
) -> None:
    seen = slowdown(window(was), window(now))
    assert seen is not None
    assert seen.change is change


def test_the_tolerance_says_how_much_slower_still_passes() -> None:
    wide = [50.0, 80.0, 100.0, 180.0, 200.0] * 8
    by_tolerance = {
        tolerance: slowdown(wide, wide, tolerance=tolerance) for tolerance in (0.10, 0.25, 0.50)
    }
    assert {key: seen and seen.change for key, seen in by_tolerance.items()} == {
        0.10: Change.NOT_SURE,
        0.25: Change.NOT_SURE,
        0.50: Change.OK,
    }


def test_thirty_samples_are_the_fewest() -> None:
    assert slowdown(window(10.0, 29), window(10.0, 30)) is None
    assert slowdown(window(10.0, 30), window(10.0, 29)) is None
    assert slowdown(window(10.0, 30), window(10.0, 30)) is not None


def test_a_control_of_too_few_samples_does_not_count() -> None:
    seen = slowdown(window(10.0), window(10.0), control=(window(5.0), window(9.0, 29)))
    assert seen is not None
    assert seen.control is None


def test_the_bounds_are_the_ranks_of_the_mann_whitney_test() -> None:
    page = [math.exp(place / 10) for place in range(30)]
    every = sorted(math.log(new) - math.log(old) for old in page for new in page)
    # floor(450 - 2.326 * sqrt(900 * 61 / 12)) = 292, of the 900 differences in order.
    seen = shift(page, page)
    assert (seen.lower, seen.upper) == pytest.approx((every[292], every[607]))
