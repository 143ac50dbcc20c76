"""What samples of response times can and cannot tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median

from bot.release.records import Json

# Under this many samples on either side nothing is said about a change.
ENOUGH = 25
SLOWER_RATIO = 1.25
OK_RATIO = 1.10
# A rise of the median under this is within what a Python client on a busy host adds by itself.
TELLABLE_MS = 2.0


class Change(StrEnum):
    """What two windows of samples say; unsure is an answer too."""

    SLOWER = "slower"
    OK = "ok"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """After against before: the ratio of the medians and the rise in ms, the control's own ratio taken out."""

    change: Change
    ratio: float
    rise_ms: float
    control_ratio: float | None


@dataclass(frozen=True, kw_only=True)
class Series:
    """One window of a page: good samples of it and of its control page in ms, failures and cache misses.

    `paced` tells whether times are counted from when each request was due, or from when it was sent.
    """

    path: str
    page: tuple[float, ...]
    control: tuple[float, ...] = ()
    failed: int = 0
    misses: int = 0
    paced: bool = True

    def as_json(self) -> Json:
        """Return the window as it is kept."""
        return asdict(self)


def read_series(kept: Json | None, path: str) -> Series | None:
    """Return the window that was kept, None where there is none or it is of another page."""
    if kept is None or kept["path"] != path:
        return None
    return Series(
        path=path,
        page=tuple(kept["page"]),
        control=tuple(kept["control"]),
        failed=kept["failed"],
        misses=kept["misses"],
        paced=kept["paced"],
    )


def from_schedule(own: Sequence[float], every: float) -> tuple[list[float], bool]:
    """Return times counted from when each request was due, and whether the schedule could be kept.

    `own` is how long each request took by itself; one client sends one every `every` seconds, one
    after another, so a stall counts for all who wait behind it. Where the requests together take
    longer than the schedule lasts, waiting says nothing about the page: then the times are their own.
    """
    if sum(own) > every * len(own):
        return list(own), False
    times, free = [], 0.0
    for place, took in enumerate(own):
        due = place * every
        free = max(due, free) + took
        times.append(free - due)
    return times, True


def rank(samples: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile: the k-th smallest, k = ceil(share * n)."""
    return sorted(samples)[max(1, math.ceil(share * len(samples))) - 1]


def control_ratio(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Return how much the control page itself changed; None where too little of it was measured."""
    if min(len(before), len(after)) < ENOUGH or median(before) <= 0:
        return None
    return median(after) / median(before)


def compare(
    before: Sequence[float], after: Sequence[float], *, control: float | None = None
) -> Comparison | None:
    """Compare two windows of response times in ms; None where one is too small to say anything.

    The samples after are divided by the control's ratio first, where there is one. Then:
    slower where the ratio of medians is at least 1.25, the median rose by at least 2 ms and the
    quartile ranges do not overlap (the lower quartile after is above the upper one before);
    ok where the ratio is at most 1.10 or the median rose by less than 2 ms; otherwise unsure.
    """
    if min(len(before), len(after)) < ENOUGH or median(before) <= 0:
        return None
    level = [sample / (control or 1.0) for sample in after]
    ratio = median(level) / median(before)
    rise = median(level) - median(before)
    apart = rank(level, 0.25) > rank(before, 0.75)
    if ratio <= OK_RATIO or rise < TELLABLE_MS:
        change = Change.OK
    elif ratio >= SLOWER_RATIO and apart:
        change = Change.SLOWER
    else:
        change = Change.UNSURE
    return Comparison(change=change, ratio=ratio, rise_ms=rise, control_ratio=control)


def surely_over(samples: Sequence[float], budget_ms: float, share: float = 0.95) -> bool:
    """Return whether the quantile is over the budget with 95 % certainty.

    The sample of rank r is under the quantile with the probability that at least r of n samples
    are: a binomial count. The largest such r of at least 95 % is the lower bound (order statistics).
    """
    count = len(samples)
    tail, lower = 0.0, 0
    for hits in range(count, 0, -1):
        tail += math.comb(count, hits) * share**hits * (1 - share) ** (count - hits)
        if tail >= 0.95:
            lower = hits
            break
    return lower > 0 and sorted(samples)[lower - 1] > budget_ms
