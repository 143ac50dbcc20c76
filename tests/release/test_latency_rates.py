"""How often the judge is wrong, in simulation: the numbers of docs/reference/response-time.md."""

from __future__ import annotations

import random

import pytest

from bot.release.slowdown import Change
from tests.release.latency_worlds import (
    Draw,
    lognormal,
    one_look,
    shares,
    whole_flow,
    with_outliers,
)

SEED = 20261123
DRIFT = 0.05
WORLDS = pytest.mark.parametrize("draw", [lognormal, with_outliers])


def flow(draw: Draw, slower: float, runs: int) -> tuple[dict[Change, float], float]:
    """Return the shares of the verdicts, and of runs that took the extension, in percent."""
    dice = random.Random(SEED)
    seen = [whole_flow(dice, draw, slower=slower, drift=DRIFT) for _ in range(runs)]
    extended = 100 * sum(more for _, more in seen) / runs
    return shares([change for change, _ in seen]), extended


@WORLDS
def test_at_5_percent_drift_at_most_2_in_100_releases_that_changed_nothing_are_called_slower(
    draw: Draw,
) -> None:
    said, extended = flow(draw, 0.0, 1500)
    assert said[Change.SLOWER] <= 2.0
    assert said[Change.OK] >= 97.0
    assert extended <= 15.0


@WORLDS
def test_a_page_that_is_25_percent_slower_is_found_in_at_least_95_of_100(draw: Draw) -> None:
    said, _ = flow(draw, 0.25, 1000)
    assert said[Change.SLOWER] >= 95.0
    assert said[Change.OK] <= 2.0


@pytest.mark.parametrize(
    ("draw", "slower", "found"),
    [
        (lognormal, 0.10, (30, 45)),
        (lognormal, 0.20, (85, 95)),
        (lognormal, 0.35, (99, 100)),
        (with_outliers, 0.10, (30, 45)),
        (with_outliers, 0.20, (89, 97)),
        (with_outliers, 0.35, (99, 100)),
    ],
)
def test_smaller_changes_are_found_less_often(
    draw: Draw, slower: float, found: tuple[int, int]
) -> None:
    said, _ = flow(draw, slower, 300)
    assert found[0] <= said[Change.SLOWER] <= found[1]


def looks(*, control: bool, drift: float) -> float:
    dice = random.Random(SEED)
    seen = [one_look(dice, lognormal, slower=0.0, drift=drift, control=control) for _ in range(600)]
    return shares(seen)[Change.SLOWER]


def test_without_a_control_page_a_drift_of_the_host_makes_the_verdict_wrong_far_more_often() -> (
    None
):
    assert looks(control=False, drift=0.0) <= 2.5
    assert 6.5 <= looks(control=False, drift=0.05) <= 12.0
    assert looks(control=False, drift=0.10) >= 18.0


@pytest.mark.parametrize("drift", [0.0, 0.05, 0.10])
def test_with_a_control_page_one_look_is_wrong_in_at_most_2_of_100(drift: float) -> None:
    assert looks(control=True, drift=drift) <= 2.0
