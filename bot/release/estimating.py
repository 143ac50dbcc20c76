"""How far a sample of the keys speaks for all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

CERTAIN = 1.96


def estimated_total(sizes: Sequence[int], keys: int) -> tuple[int, int]:
    """Return the sum over all `keys` as a sample of them says, and half the width of its 95 % interval.

    The interval is that of a mean under the normal distribution, made narrower by the share that was measured
    (the finite population correction): 0 where the sample is everything. Source: Cochran, Sampling Techniques, §2.
    """
    count = len(sizes)
    if count == 0 or keys == 0:
        return 0, 0
    mean = sum(sizes) / count
    if count >= keys or count < 2:
        return round(mean * keys), 0
    variance = sum((size - mean) ** 2 for size in sizes) / (count - 1)
    left = 1 - count / keys
    return round(mean * keys), round(CERTAIN * keys * math.sqrt(variance / count * left))


def scaled(counts: Mapping[str, int], keys: int) -> dict[str, int]:
    """Return a sample's counts for all `keys`: they add up to it, and what rounding leaves falls on the largest."""
    measured = sum(counts.values())
    if not measured:
        return {}
    found = {name: round(count * keys / measured) for name, count in counts.items()}
    largest = max(found, key=lambda name: found[name])
    found[largest] += keys - sum(found.values())
    return found
