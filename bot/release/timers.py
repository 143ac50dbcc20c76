"""Moments that the clock waits for, each of which is acted on once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimerState(StrEnum):
    """What became of a moment; a missed one passed while nobody could act on it."""

    ARMED = "armed"
    FIRED = "fired"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


WAITED_FOR = frozenset({TimerState.ARMED, TimerState.FIRED})


@dataclass(frozen=True, kw_only=True)
class Timer:
    """One minute of a watch; `number` counts from 1, the key is also that of the work it starts."""

    key: str
    release_id: int
    kind: str
    number: int
    due_at: datetime
    state: TimerState = TimerState.ARMED
    fired_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TimerMove:
    """UPDATE timer SET state WHERE key AND state = seen."""

    key: str
    seen: TimerState
    to: TimerState
