"""The places at which a process may die and nothing may be lost; a test ends it there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    """Just before, or just after, something outside of the process changed for good."""

    COMMITS = "commits"
    COMMITTED = "committed"
    ENQUEUES = "enqueues"
    ENQUEUED = "enqueued"
    WRITES_MANIFEST = "writes manifest"
    WROTE_MANIFEST = "wrote manifest"
    APPENDS = "appends to the snapshot"
    APPENDED = "appended to the snapshot"
    RENAMED = "renamed keys"
    COPIED = "copied keys"
    UNLINKS = "unlinks keys"
    UNLINKED = "unlinked keys"
    PUTS_BACK = "puts keys back"
    PUT_BACK = "put keys back"
    RUNS_COMMAND = "runs the deploy command"
    RAN_COMMAND = "ran the deploy command"
    SENDS = "sends"
    SENT = "sent"


Watcher = Callable[[str], None]

_watchers: list[Watcher] = []


def watch_fault_points(watcher: Watcher) -> None:
    """Call the watcher at each point from now on, with the point's name; no setting of the bot does that."""
    _watchers.append(watcher)


def reached(point: Point, what: str = "") -> None:
    """Say that a point is reached; `what` tells apart points that are reached for many things."""
    for watcher in _watchers:
        watcher(f"{point}: {what}" if what else str(point))
