"""What was released before, and what it says of a team: shares, times, waiting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.release.records import Outcome, Release
from bot.release.states import ReleaseState

ROLLBACK_BUDGET_S = 20 * 60.0


@dataclass(frozen=True, kw_only=True)
class Past:
    """One release as history tells it; times in seconds.

    `rollback_s` is from the press to the end of a rollback that went well, `waits_s` from each verdict to its approval.
    """

    release: Release
    outcomes: tuple[Outcome | None, ...]
    rollback_s: float | None = None
    waits_s: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some releases, newest first; whether there are newer and older ones that fit."""

    rows: tuple[Past, ...]
    newer: bool
    older: bool


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """What some releases say together; times in seconds, None where nothing was measured."""

    releases: int
    rolled_back: int
    rollbacks_timed: int
    rollback_p50: float | None
    rollback_p95: float | None
    approvals: int
    waiting_p50: float | None
    waiting_p95: float | None

    @property
    def in_budget(self) -> bool | None:
        """Return whether 95 of 100 rollbacks took at most 20 minutes; None where none was timed."""
        return None if self.rollback_p95 is None else self.rollback_p95 <= ROLLBACK_BUDGET_S


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile: the smallest value that `share` of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)] if ordered else None


def statistics(rows: Sequence[Past]) -> Statistics:
    """Return what the releases say together."""
    times = [row.rollback_s for row in rows if row.rollback_s is not None]
    waits = [wait for row in rows for wait in row.waits_s]
    undone = (ReleaseState.ROLLED_BACK, ReleaseState.ROLLING_BACK, ReleaseState.ROLLBACK_FAILED)
    return Statistics(
        releases=len(rows),
        rolled_back=sum(row.release.state in undone for row in rows),
        rollbacks_timed=len(times),
        rollback_p50=percentile(times, 50),
        rollback_p95=percentile(times, 95),
        approvals=len(waits),
        waiting_p50=percentile(waits, 50),
        waiting_p95=percentile(waits, 95),
    )
