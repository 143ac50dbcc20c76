from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.hit_ratio import Hits, chance_of_misses, fell
from bot.release.order_statistics import Budget, against_budget, apart, bounds, rank

counts = st.integers(min_value=0, max_value=200)


@pytest.mark.parametrize(
    ("before", "after", "chance"),
    [
        (Hits(hits=3, misses=1), Hits(hits=1, misses=3), 17 / 70),
        (Hits(hits=10, misses=0), Hits(hits=5, misses=5), 0.016253869969040),
        (Hits(hits=95, misses=5), Hits(hits=95, misses=5), 0.6262351),
        (Hits(hits=0, misses=0), Hits(hits=0, misses=9), 1.0),
    ],
)
def test_fishers_exact_test_gives_the_textbook_chances(
    before: Hits, after: Hits, chance: float
) -> None:
    assert chance_of_misses(before, after) == pytest.approx(chance, rel=1e-5)


@given(counts, counts, counts, counts)
def test_more_misses_are_never_likelier(hits: int, misses: int, then: int, now: int) -> None:
    before = Hits(hits=hits, misses=misses)
    total = then + now
    chances = [
        chance_of_misses(before, Hits(hits=total - seen, misses=seen))
        for seen in range(0, total + 1, max(1, total // 5))
    ]
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    if before.known:
        assert all(more <= less + 1e-12 for less, more in pairwise(chances))


@pytest.mark.parametrize(
    ("hits", "less"), [(95, False), (88, False), (85, False), (82, True), (75, True)]
)
def test_a_hit_ratio_falls_where_chance_does_not_explain_it(hits: int, less: bool) -> None:
    assert fell(Hits(hits=95, misses=5), Hits(hits=hits, misses=100 - hits)) is less


def test_a_quantile_is_a_sample_that_was_seen() -> None:
    assert rank([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert rank(list(map(float, range(1, 31))), 0.95) == 29.0


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [
        (30, 0.95, (26.0, None)),
        (58, 0.95, (52.0, None)),
        (59, 0.95, (53.0, 59.0)),
        (100, 0.95, (91.0, 99.0)),
        (100, 0.50, (42.0, 59.0)),
        (298, 0.99, (292.0, None)),
        (299, 0.99, (293.0, 299.0)),
    ],
)
def test_the_bounds_of_a_quantile_are_binomial_ranks(
    count: int, share: float, expected: tuple[float | None, float | None]
) -> None:
    assert bounds(list(map(float, range(1, count + 1))), share) == expected


@given(st.lists(st.floats(1.0, 9e5), min_size=59, max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_bounds_stand_on_both_sides_of_the_quantile(samples: list[float], share: float) -> None:
    lower, upper = bounds(samples, share)
    assert lower is not None
    assert upper is not None
    assert lower <= rank(samples, share) <= upper


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (90.9, Budget.OVER),
        (91.0, Budget.CANNOT_TELL),
        (98.9, Budget.CANNOT_TELL),
        (99.0, Budget.WITHIN),
    ],
)
def test_a_budget_is_over_or_within_only_where_the_bound_is(budget: float, said: Budget) -> None:
    assert against_budget(list(map(float, range(1, 101))), budget) is said


def test_fewer_than_59_samples_are_never_within_a_budget() -> None:
    assert against_budget([1.0] * 58, 300.0) is Budget.CANNOT_TELL
    assert against_budget([1.0] * 59, 300.0) is Budget.WITHIN
    assert against_budget([900.0] * 30, 300.0) is Budget.OVER


def test_two_quantiles_differ_where_their_bounds_do_not_meet() -> None:
    page = list(map(float, range(1, 101)))
    assert not apart(page, [ms + 10 for ms in page], 0.9)
    assert apart(page, [ms + 30 for ms in page], 0.9)
    assert apart([ms + 30 for ms in page], page, 0.9)
    assert not apart((), page, 0.9)
