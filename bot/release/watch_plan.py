"""When a release is looked at after its last step: which minutes there are, and which of them is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.release.records import Action, ActionKind, Release, ReleaseMove, Story
from bot.release.states import RELEASE, Move, StepState, after
from bot.release.timers import Timer, TimerState

WATCH = "watch"
BOT = "cache-release"
# A clock that is a little late still looks, also where a look comes every few seconds.
LATE_S = 10


@dataclass(frozen=True, kw_only=True)
class WatchPlan:
    """How a release is watched: `looks` of them (0: not at all), one every `every_s` seconds.

    For at most `cold_min` minutes after its purge a cache may be refilling without that being counted.
    """

    looks: int = 0
    every_s: int = 60
    cold_min: int = 5


OFF = WatchPlan()


def plan_of(minutes: int, every_s: int, cold_min: int) -> WatchPlan:
    """Return the watch of so many minutes; at least one look where it is not switched off."""
    looks = max(1, minutes * 60 // every_s) if minutes else 0
    return WatchPlan(looks=looks, every_s=every_s, cold_min=cold_min)


def begins(story: Story, last: StepState, at: datetime, plan: WatchPlan) -> ReleaseMove | None:
    """Return the move that begins the watch once the last step ended so; None where there is nothing to watch."""
    done = last is StepState.DONE or any(row.state is StepState.DONE for row in story.steps)
    if not plan.looks or not done:
        return None
    release = story.release
    return ReleaseMove(
        id=release.id,
        seen_version=release.version,
        to=after(RELEASE, release.state, Move.WATCH),
        timers=tuple(_timer(release.id, number, at, plan) for number in range(1, plan.looks + 1)),
    )


def _timer(release_id: int, number: int, at: datetime, plan: WatchPlan) -> Timer:
    return Timer(
        key=f"{WATCH}:{release_id}:{number}",
        release_id=release_id,
        kind=WATCH,
        number=number,
        due_at=at + timedelta(seconds=number * plan.every_s),
    )


@dataclass(frozen=True, kw_only=True)
class Due:
    """What the clock does now: at most one look, and the minutes that passed while nobody looked."""

    look: Timer | None
    missed: tuple[Timer, ...]


def due(timers: Sequence[Timer], now: datetime, plan: WatchPlan) -> Due:
    """Return the newest minute that is due, unless it is too late even for that; all before it were missed."""
    waiting = sorted(
        (row for row in timers if row.state is TimerState.ARMED and row.due_at <= now),
        key=lambda row: row.number,
    )
    window = timedelta(seconds=max(LATE_S, plan.every_s))
    newest = waiting[-1] if waiting and now - waiting[-1].due_at < window else None
    return Due(look=newest, missed=tuple(row for row in waiting if row is not newest))


def overtaken(timers: Sequence[Timer], number: int, now: datetime) -> bool:
    """Return whether the next minute is due already: then this one is not looked at any more."""
    return any(row.number > number and row.due_at <= now for row in timers)


def look_request(release: Release, timer: Timer, at: datetime) -> Action:
    """Return the work of one look; it runs beside the release's own work, so that no rollback waits for it."""
    return Action(
        key=timer.key,
        kind=ActionKind.WATCH,
        partition=f"{WATCH}:{release.app}/{release.environment}/{release.id}",
        release_id=None,
        step=None,
        args={"release": release.id, "number": timer.number},
        channel=None,
        asked_by=BOT,
        asked_at=at,
    )
