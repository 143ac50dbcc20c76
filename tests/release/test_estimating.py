"""A sample speaks for all keys, and says how surely."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.release.estimating import estimated_total, scaled

SIZES = st.lists(st.integers(min_value=1, max_value=10**6), max_size=50)


@given(sizes=SIZES)
def test_what_was_measured_whole_is_exact(sizes: list[int]) -> None:
    assert estimated_total(sizes, len(sizes)) == (sum(sizes), 0)


def test_the_interval_is_that_of_a_mean_without_replacement() -> None:
    # Mean 200, variance 20,000/3, factor 1 - 4/100: 1.96 * 100 * sqrt(20000/3/4 * 0.96).
    assert estimated_total([100, 300, 200, 200], 100) == (20_000, 7_840)


def test_the_interval_holds_the_truth_in_about_95_of_100_samples() -> None:
    chance = random.Random(7)
    sizes = [chance.randrange(100, 1000) for _ in range(5_000)]
    held = 0
    for _ in range(400):
        total, error = estimated_total(chance.sample(sizes, 200), len(sizes))
        held += abs(total - sum(sizes)) <= error
    assert 365 <= held <= 396


@given(
    counts=st.dictionaries(
        st.text(max_size=3), st.integers(min_value=1, max_value=500), max_size=6
    ),
    more=st.integers(min_value=1, max_value=10_000),
)
def test_scaled_counts_add_up_to_all_keys(counts: dict[str, int], more: int) -> None:
    keys = sum(counts.values()) * more
    found = scaled(counts, keys)
    assert found.keys() == counts.keys()
    assert sum(found.values()) == keys
