"""Quantiles of a sample, and how far the true ones may lie from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

SURE = 0.95


class Budget(StrEnum):
    """What a sample says about a budget; it may be too small to say anything."""

    OVER = "over"
    WITHIN = "within"
    CANNOT_TELL = "cannot tell"


def rank(samples: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile: the k-th smallest, k = ceil(share * n)."""
    return sorted(samples)[max(1, math.ceil(share * len(samples))) - 1]


def bounds(samples: Sequence[float], share: float) -> tuple[float | None, float | None]:
    """Return what the true quantile is surely above, and surely below, each with 95 % certainty.

    How many of n samples lie under the quantile is a binomial count, so the r-th smallest is under it with
    the probability of counting at least r, and over it with that of counting at most r - 1 (David and
    Nagaraja, Order Statistics, 7.1). None where even the extreme sample is not sure: an upper bound of
    p95 needs 59 samples, of p99 299.
    """
    ordered, count = sorted(samples), len(samples)
    below = _chances(count, share)
    at_least, lower = 0.0, 0
    for hits in range(count, 0, -1):
        at_least += below[hits]
        if at_least >= SURE:
            lower = hits
            break
    at_most, upper = 0.0, 0
    for hits in range(count):
        at_most += below[hits]
        if at_most >= SURE:
            upper = hits + 1
            break
    return (ordered[lower - 1] if lower else None, ordered[upper - 1] if upper else None)


def _chances(count: int, share: float) -> list[float]:
    return [
        math.comb(count, hits) * share**hits * (1 - share) ** (count - hits)
        for hits in range(count + 1)
    ]


def against_budget(samples: Sequence[float], budget_ms: float, share: float = 0.95) -> Budget:
    """Say whether the quantile is over or within the budget, each only with 95 % certainty."""
    lower, upper = bounds(samples, share)
    if lower is not None and lower > budget_ms:
        return Budget.OVER
    if upper is not None and upper <= budget_ms:
        return Budget.WITHIN
    return Budget.CANNOT_TELL


def apart(before: Sequence[float], after: Sequence[float], share: float) -> bool:
    """Return whether a quantile of one sample is surely above that of the other."""
    if not before or not after:
        return False
    old, new = bounds(before, share), bounds(after, share)
    above = new[0] is not None and old[1] is not None and new[0] > old[1]
    under = old[0] is not None and new[1] is not None and old[0] > new[1]
    return above or under
