from __future__ import annotations

import pytest

from bot.release.timings import Change, compare, from_schedule, rank, surely_over
from tests.steps.answers import window


@pytest.mark.parametrize(
    ("was", "now", "control", "change"),
    [
        (100.0, 100.0, None, Change.OK),
        (100.0, 110.0, None, Change.OK),
        (100.0, 50.0, None, Change.OK),
        (100.0, 118.0, None, Change.UNSURE),
        (100.0, 124.0, None, Change.UNSURE),
        (100.0, 130.0, None, Change.SLOWER),
        (100.0, 250.0, None, Change.SLOWER),
        (1.0, 2.9, None, Change.OK),
        (1.0, 3.1, None, Change.SLOWER),
        (100.0, 150.0, 1.5, Change.OK),
        (100.0, 150.0, 1.0, Change.SLOWER),
        (100.0, 100.0, 0.7, Change.SLOWER),
    ],
)
def test_a_change_is_only_named_where_the_samples_can_tell(
    was: float, now: float, control: float | None, change: Change
) -> None:
    seen = compare(window(was), window(now), control=control)
    assert seen is not None
    assert seen.change is change


def test_a_higher_median_in_overlapping_noise_is_unsure() -> None:
    wide = [50.0, 80.0, 100.0, 180.0, 200.0] * 6
    seen = compare(wide, [value * 1.4 for value in wide])
    assert seen is not None
    assert seen.ratio == pytest.approx(1.4)
    assert seen.change is Change.UNSURE


def test_too_few_samples_say_nothing() -> None:
    assert compare(window(10.0, 24), window(10.0)) is None
    assert compare(window(10.0), window(10.0, 24)) is None


def test_a_quantile_is_a_sample_that_was_seen() -> None:
    assert rank([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert rank(list(map(float, range(1, 31))), 0.95) == 29.0


def test_over_budget_needs_the_26th_of_30_to_be_over() -> None:
    samples = list(map(float, range(1, 31)))
    assert surely_over(samples, 25.9)
    assert not surely_over(samples, 26.0)


def test_a_stall_counts_for_all_who_wait_behind_it() -> None:
    times, paced = from_schedule([1.01, *[0.01] * 9], 0.2)
    assert [round(time, 2) for time in times] == [
        1.01, 0.82, 0.63, 0.44, 0.25, 0.06, 0.01, 0.01, 0.01, 0.01
    ]  # fmt: skip
    assert paced
    assert from_schedule([0.3, 0.1], 0.19) == ([0.3, 0.1], False)
