"""Medians and percentiles as the tables of the benchmarks show them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))]


def shown(values: Sequence[float], digits: int = 2) -> str:
    """Return the median, and the least and the most in brackets."""
    least, most = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({least:.{digits}f}-{most:.{digits}f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the ratio of two medians."""
    return statistics.median(ours) / statistics.median(theirs)
