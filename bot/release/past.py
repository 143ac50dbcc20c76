"""What was released before, and what it says of a team: shares, times, waiting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.release.records import Outcome, Release
from bot.release.spans import in_words
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


def took(seconds: float) -> str:
    """Return a time as people say it: `4.1 s`, `12 min`."""
    return f"{seconds:.1f} s" if seconds < 60 else in_words(timedelta(seconds=seconds))


def past_line(past: Past) -> str:
    """Return one release in one line: how it ended, in how many minutes, verdicts, where, what, who, when."""
    row = past.release
    state = row.state.replace("_", " ")
    if row.ended_at is not None:
        state += f" after {took((row.ended_at - row.started_at).total_seconds())}"
    if past.rollback_s is not None:
        state += f", rollback took {took(past.rollback_s)}"
    people = f"<@{row.owner}>"
    if row.starter != row.owner:
        people = f"<@{row.starter}> for {people}"
    hotfix = " · hotfix" if row.hotfix is not None else ""
    return (
        f"{row.name} · {state}{hotfix} · {_verdicts(past)} · {row.app} {row.environment} · "
        f"{', '.join(row.routes)} · {row.title} · {people} · {row.started_at:%Y-%m-%d %H:%M} UTC"
    )


def _verdicts(past: Past) -> str:
    """Return `5 pass`, or `3 pass, 1 unsure, 1 not judged`."""
    counts = {
        word: sum(outcome == kind for outcome in past.outcomes)
        for kind, word in (
            (Outcome.FAIL, "FAIL"),
            (Outcome.UNSURE, "unsure"),
            (Outcome.PASS, "pass"),
            (None, "not judged"),
        )
    }
    return ", ".join(f"{number} {word}" for word, number in counts.items() if number) or "no step"
