"""Whether a page got slower: the ratio of two windows of response times, with its bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from bot.release.pair_ranks import difference_ranks

# Under this many samples on either side only changes of half the time and more could be seen.
ENOUGH = 30
SLOWER_RATIO = 1.05
TOLERANCE = 0.25
# The bound is passed by chance once in a hundred times: the normal quantile of 99 %.
Z = 2.326
# A rise under this is within what a Python client on a busy host adds by itself.
TELLABLE_MS = 1.0


class Change(StrEnum):
    """What two windows of samples say; not sure is an answer too."""

    SLOWER = "slower"
    OK = "ok"
    NOT_SURE = "not sure"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """By how much the logarithms moved, with the one-sided 99 % bounds below and above."""

    middle: float
    lower: float
    upper: float

    @property
    def error(self) -> float:
        """Return the standard error that the bounds stand for."""
        return (self.upper - self.lower) / (2 * Z)


@dataclass(frozen=True, kw_only=True)
class Slowdown:
    """After against before as ratios, 1.12 is 12 % slower; the control page's own ratio is taken out.

    `rise_ms` is what the ratio makes of the median before; `control` is None where there was none.
    """

    change: Change
    ratio: float
    lower: float
    upper: float
    rise_ms: float
    control: float | None

    @property
    def in_noise(self) -> bool:
        """Return whether no change at all lies between the bounds."""
        return self.lower <= 1.0 <= self.upper


def shift(before: Sequence[float], after: Sequence[float]) -> Shift:
    """Return the Hodges-Lehmann estimate of ln(after) - ln(before), of samples in ms.

    The estimate is the median of all n * m differences of the logarithms; the bounds are the differences
    of rank c and n * m - 1 - c, c = floor(nm/2 - z sqrt(nm(n+m+1)/12)), from inverting the Mann-Whitney
    test (Hodges and Lehmann 1963; Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 4.3).
    """
    old, new = _logarithms(before), _logarithms(after)
    pairs = len(old) * len(new)
    spread = Z * math.sqrt(pairs * (len(old) + len(new) + 1) / 12)
    place = max(0, math.floor(pairs / 2 - spread))
    between = difference_ranks(old, new, place, pairs - 1 - place)
    return Shift(middle=median(between), lower=between[0], upper=between[-1])


def _logarithms(samples: Sequence[float]) -> list[float]:
    return sorted(math.log(max(sample, 0.001)) for sample in samples)


def slowdown(
    before: Sequence[float],
    after: Sequence[float],
    *,
    control: tuple[Sequence[float], Sequence[float]] | None = None,
    tolerance: float = TOLERANCE,
) -> Slowdown | None:
    """Judge samples in ms; None where there are fewer than 30 on either side.

    `control` holds the windows of the control page, before and after, measured in turns with the page.
    What it moved is taken out, and its own uncertainty added: SE = hypot(SE_page, SE_control). A control
    of fewer than 30 samples on a side does not count.

    Slower: the lower bound is above 1, the ratio at least 1.05 and the rise at least 1 ms. Ok: the upper
    bound is under 1 + tolerance, or stands for a rise under 1 ms. Otherwise not sure.
    """
    if min(len(before), len(after)) < ENOUGH:
        return None
    moved = shift(before, after)
    beside = None if control is None or min(map(len, control)) < ENOUGH else shift(*control)
    if beside is not None:
        reach = Z * math.hypot(moved.error, beside.error)
        middle = moved.middle - beside.middle
        moved = Shift(middle=middle, lower=middle - reach, upper=middle + reach)
    ratio, lower, upper = map(math.exp, (moved.middle, moved.lower, moved.upper))
    usual = median(before)
    return Slowdown(
        change=_change(ratio, lower, upper, usual, tolerance),
        ratio=ratio,
        lower=lower,
        upper=upper,
        rise_ms=usual * (ratio - 1),
        control=None if beside is None else math.exp(beside.middle),
    )


def _change(ratio: float, lower: float, upper: float, usual: float, tolerance: float) -> Change:
    if lower > 1 and ratio >= SLOWER_RATIO and usual * (ratio - 1) >= TELLABLE_MS:
        return Change.SLOWER
    if upper < 1 + tolerance or usual * (upper - 1) < TELLABLE_MS:
        return Change.OK
    return Change.NOT_SURE
