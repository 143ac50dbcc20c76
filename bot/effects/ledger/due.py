"""Which messages may be sent now: a release's thread grows from its root, in the order of its steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    hurry: bool = True


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

    What a person waits for goes before the redraws of progress.

    `rooted` are the releases whose root card stands in Slack. Until it does, only the root is due;
    and a card that was never posted waits for the unposted ones before it.
    """
    chosen: list[Waiting] = []
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
    chosen.sort(key=lambda row: not row.hurry)
    return tuple(row.card for row in chosen[:limit])


def _thread(row: Waiting) -> str:
    return row.card if row.release_id is None else f"release {row.release_id}"


def _due_in_thread(
    thread: tuple[Waiting, ...], rooted: frozenset[int], at: datetime
) -> list[Waiting]:
    due: list[Waiting] = []
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
            due.append(row)
    return _with_those_ahead(due)


def _with_those_ahead(due: list[Waiting]) -> list[Waiting]:
    """Return the messages; a new one that hurries hurries the new ones before it, as they keep their order."""
    hurried: list[Waiting] = []
    pulled = False
    for row in reversed(due):
        pulled = pulled or (row.hurry and not row.posted)
        hurried.append(replace(row, hurry=row.hurry or (pulled and not row.posted)))
    return hurried[::-1]
