"""Who waits for a scope that another release holds: first come, first told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.release.overlap import overlap

TURN = timedelta(minutes=15)


class Wants(StrEnum):
    """What somebody who waits asked for: a place in the queue, or only word that it is free."""

    QUEUE = "queue"
    NOTIFY = "notify"


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One person who waits for a scope. `place` names the Redis, `patterns` the keys; `behind` is the live release.

    `told_at` is when the person learnt that it is free; a place in the queue then holds for `TURN`.
    """

    id: int = 0
    app: str
    environment: str
    routes: tuple[str, ...]
    place: str
    patterns: tuple[str, ...]
    who: str
    wants: Wants
    behind: int | None
    asked_at: datetime
    told_at: datetime | None = None


class WaitEnd(StrEnum):
    """What becomes of a wait: its person is told, waits again since somebody went before them, or it ends."""

    TOLD = "told"
    AGAIN = "again"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class WaitMove:
    """UPDATE waiting SET told_at or ended_at WHERE id and that has not happened."""

    id: int
    to: WaitEnd


@dataclass(frozen=True, kw_only=True)
class Held:
    """A scope that a live release holds."""

    release: int
    place: str
    patterns: tuple[str, ...]


def shares(place: str, patterns: Iterable[str], other: Held | Wait) -> bool:
    """Return whether the scope and the other one have a key in common."""
    return place == other.place and overlap(patterns, other.patterns) is not None


def ahead_of(wait: Wait, waits: Iterable[Wait]) -> tuple[Wait, ...]:
    """Return who came before this one and wants some of the same keys, in order."""
    return tuple(
        row
        for row in waits
        if row.wants is Wants.QUEUE
        and row.id < wait.id
        and row.who != wait.who
        and shares(wait.place, wait.patterns, row)
    )


def number_in_queue(wait: Wait, waits: Iterable[Wait]) -> int:
    """Return the place in the queue, from 1."""
    return len(ahead_of(wait, waits)) + 1


def turn_over(wait: Wait, at: datetime) -> bool:
    """Return whether the person was told and let the turn pass."""
    return wait.told_at is not None and at >= wait.told_at + TURN


def whose_turn(
    place: str,
    patterns: Sequence[str],
    who: str,
    *,
    waits: Sequence[Wait],
    live: Sequence[Held],
    at: datetime,
) -> Wait | None:
    """Return who comes before this person for these keys; None where the person may start.

    Someone who still waits for other keys, which a live release holds, holds nobody up.
    """
    own = [row.id for row in waits if row.who == who and shares(place, patterns, row)]
    before = min(own, default=None)
    for row in waits:
        if row.wants is not Wants.QUEUE or row.who == who or turn_over(row, at):
            continue
        if before is not None and row.id > before:
            continue
        blocked = any(shares(row.place, row.patterns, held) for held in live)
        if not blocked and shares(place, patterns, row):
            return row
    return None
