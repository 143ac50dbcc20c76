"""A reminder as a value: what it is about, to whom it went, and what that person answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.release.states import RELEASE, Move, ReleaseState, StepState, from_states

PREFIX = "remind:"


class Kind(StrEnum):
    """What people are reminded of."""

    RUN = "run"
    APPROVE = "approve"
    DECIDE = "decide"
    RESUME = "resume"
    ROLL_BACK = "rollback"
    EXPIRING = "expiring"
    WATCHED = "watched"
    REVIEW = "review"


class Answer(StrEnum):
    """What became of a reminder: answered by its reader, overtaken by a newer one, or no longer true."""

    SNOOZED = "snoozed"
    PASSED = "passed"
    DONE = "done"
    NEWER = "newer"
    OVER = "over"


OF_THE_CHECKLIST = frozenset({Kind.RUN, Kind.APPROVE, Kind.DECIDE, Kind.RESUME})
_OPEN = frozenset({ReleaseState.OPEN})
STANDS = {
    Kind.RUN: _OPEN,
    Kind.APPROVE: _OPEN,
    Kind.DECIDE: _OPEN,
    Kind.RESUME: _OPEN,
    Kind.ROLL_BACK: frozenset({ReleaseState.ROLLBACK_FAILED}),
    Kind.EXPIRING: from_states(RELEASE, Move.ROLL_BACK),
    Kind.WATCHED: frozenset({ReleaseState.DONE}),
    Kind.REVIEW: frozenset({ReleaseState.ROLLED_BACK}),
}
"""In which states of its release a reminder makes sense; a move to another one ends it."""


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One message to one person. `wait` names what is waited for, `stage` which of its moments this was, from 1.

    `key` is also its notice's. `again_at` is when somebody who snoozed it is reminded again;
    `passed_to` is whom it was handed over to. `can_wait` says that it keeps to working hours.
    """

    key: str
    release_id: int
    wait: str
    kind: Kind
    step: int | None
    stage: int
    person: str
    sent_at: datetime
    can_wait: bool
    answer: Answer | None = None
    answered_at: datetime | None = None
    again_at: datetime | None = None
    passed_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A reminder that goes out now, if its release and step are still as they were seen."""

    reminder: Reminder
    release_version: int
    step_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReminderMove:
    """UPDATE reminder SET answer WHERE key AND nobody answered it yet."""

    key: str
    to: Answer
    again_at: datetime | None = None
    passed_to: str | None = None


def ends_with_release(kind: Kind, to: ReleaseState) -> bool:
    """Return whether a release's move ends a reminder of that kind."""
    return to not in STANDS[kind]


def ends_with_step(kind: Kind, to: StepState) -> bool:
    """Return whether a move of its step ends a reminder: what is approved or handed over waits on as it is judged."""
    if kind is Kind.APPROVE:
        return to is not StepState.JUDGED
    return kind in OF_THE_CHECKLIST


def is_reminder(key: str) -> bool:
    """Return whether a notice of that key reminds somebody, and is drawn with what they answered."""
    return key.startswith(PREFIX)
