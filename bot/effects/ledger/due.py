"""Which messages may be sent now: a release's thread grows from its root, in the order of its steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

ROOT = 0
# Beside the first step, and before it: of one place the names decide.
IN_THE_THREAD = {"rehearsal": 1, "watch": 900, "page": 901, "rollback": 1000, "end": 1001}


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message of the outbox; `posted` says whether it already stands in Slack."""

    card: str
    release_id: int | None
    position: int
    asked_at: datetime
    free_at: datetime | None
    dead: bool
    posted: bool


@dataclass(frozen=True, kw_only=True)
class DeadCard:
    """A message that was given up, and why."""

    card: str
    error: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose message a card is, and where in the thread it stands; 0 is the root."""

    release_id: int | None
    position: int


def place_of(card: str) -> Place:
    """Return the place of `root:42`, `step:42:3`, `watch:42`, `page:42:7` and so on; others stand alone."""
    kind, _, rest = card.partition(":")
    number, _, step = rest.partition(":")
    if kind == "root" and number.isdecimal():
        return Place(release_id=int(number), position=ROOT)
    if kind == "step" and number.isdecimal() and step.isdecimal():
        return Place(release_id=int(number), position=int(step))
    if kind in IN_THE_THREAD and number.isdecimal():
        return Place(release_id=int(number), position=IN_THE_THREAD[kind])
    return Place(release_id=None, position=ROOT)


def choose_due(
    waiting: Iterable[Waiting], rooted: frozenset[int], at: datetime, limit: int
) -> tuple[str, ...]:
    """Return the cards to send now, in order, at most `limit`.

    `rooted` are the releases whose root card stands in Slack. Until it does, only the root is due;
    and a card that was never posted waits for the unposted ones before it.
    """
    chosen: list[str] = []
    oldest: dict[str, datetime] = {}
    rows = tuple(waiting)
    for row in rows:
        name = _thread(row)
        oldest[name] = min(row.asked_at, oldest.get(name, row.asked_at))
    ordered = sorted(
        rows, key=lambda row: (oldest[_thread(row)], _thread(row), row.position, row.card)
    )
    for _, thread in groupby(ordered, key=_thread):
        chosen += _due_in_thread(tuple(thread), rooted, at)
    return tuple(chosen[:limit])


def _thread(row: Waiting) -> str:
    return row.card if row.release_id is None else f"release {row.release_id}"


def _due_in_thread(thread: tuple[Waiting, ...], rooted: frozenset[int], at: datetime) -> list[str]:
    due: list[str] = []
    held = False
    for row in thread:
        if row.dead:
            continue
        needs_root = row.release_id is not None and row.position > ROOT
        if needs_root and row.release_id not in rooted:
            continue
        if row.free_at is not None and row.free_at > at:
            held = held or not row.posted
        elif row.posted or not held:
            due.append(row.card)
    return due
