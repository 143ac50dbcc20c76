"""When people are reminded of what a release waits for, and which of those moments is due for one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.release.membership import Membership, no_answer
from bot.release.reminders import PREFIX, Answer, Kind, Reminder
from bot.release.working_hours import OFFICE, WorkingHours

APPROVAL_H = 4
# Calm enough to be no noise, and early enough that a forgotten step does not cost a working day.
CALM = (timedelta(hours=2), timedelta(days=1), timedelta(days=3))
URGENT = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))


@dataclass(frozen=True, kw_only=True)
class ReminderPlan:
    """How people are reminded. `approval_h` is for how many hours an approval may be given, 0: for ever.

    `zone_of` gives a person's time zone where it is known, `members` who is in a user group or on call; it raises
    Unreachable where nobody can say.
    """

    approval_h: int = APPROVAL_H
    hours: WorkingHours = OFFICE
    zone_of: Callable[[str], str | None] = lambda person: None
    members: Callable[[str], Membership] = no_answer

    @property
    def life(self) -> timedelta | None:
        """Return for how long an approval may be given; None: for ever."""
        return timedelta(hours=self.approval_h) if self.approval_h else None

    def hours_of(self, person: str) -> WorkingHours:
        """Return the working hours by the person's own clock."""
        return self.hours.in_zone(self.zone_of(person))

    def works(self, person: str, at: datetime) -> bool:
        """Return whether the moment lies within the person's working hours."""
        return self.hours_of(person).is_open(at)


USUAL = ReminderPlan()


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One moment at which people are reminded; `stage` counts from 1. `people` are persons and user groups.

    `barred` are those who are not to be reminded though a group of theirs is.
    """

    stage: int
    due_at: datetime
    people: tuple[str, ...]
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """What is waited for, since when, and the moments at which people are reminded of it, in order.

    What `can_wait` keeps to working hours, unless these begin only after the `deadline`. A reminder also stands for
    the moments that come within the span `covers` after it.
    """

    kind: Kind
    release_id: int
    mark: str
    since: datetime
    moments: tuple[Moment, ...]
    step: int | None = None
    can_wait: bool = True
    deadline: datetime | None = None
    covers: timedelta = timedelta(0)

    @property
    def key(self) -> str:
        """Return what is the same as long as it is the same wait."""
        return f"{self.release_id}:{self.kind}:{self.step or 0}:{self.mark}"


def due_for(
    person: str, awaited: Awaited, sent: Iterable[Reminder], at: datetime, hours: WorkingHours
) -> Moment | None:
    """Return the moment that the person is to be reminded for now; None where there is none.

    Of several that passed only the newest counts: a clock that was away sends one, not many.
    """
    mine = of_person(person, awaited.key, sent)
    theirs = [row for row in awaited.moments if person in row.people]
    due = [row for row in theirs if row.due_at <= at]
    if not due or not _wants_more(mine, due[-1].stage, at):
        return None
    if awaited.deadline is not None and at >= awaited.deadline:
        return None
    covered = [row for row in theirs if row.due_at <= at + awaited.covers]
    return covered[-1] if may_disturb(awaited, at, hours) else None


def of_person(person: str, wait: str, sent: Iterable[Reminder]) -> tuple[Reminder, ...]:
    """Return what the person was told of this wait, oldest first; what is over was about an earlier time."""
    return tuple(
        row
        for row in sorted(sent, key=lambda row: (row.sent_at, row.key))
        if row.wait == wait and row.person == person and row.answer is not Answer.OVER
    )


def _wants_more(mine: Sequence[Reminder], stage: int, at: datetime) -> bool:
    if any(row.answer in {Answer.DONE, Answer.PASSED} for row in mine):
        return False
    if not mine:
        return True
    last = mine[-1]
    if last.answer is Answer.SNOOZED:
        return last.again_at is not None and last.again_at <= at
    return last.stage < stage


def may_disturb(awaited: Awaited, at: datetime, hours: WorkingHours) -> bool:
    """Return whether the person may be reminded at this moment."""
    if not awaited.can_wait or hours.is_open(at):
        return True
    return awaited.deadline is not None and hours.next_start(at) >= awaited.deadline


def instead(people: Iterable[str], wait: str, sent: Iterable[Reminder]) -> tuple[str, ...]:
    """Return the people of a moment, with those to whom a reminder was handed over in their place."""
    passed = {row.person: row.passed_to for row in sent if row.wait == wait and row.passed_to}
    found: dict[str, None] = {}
    for first in people:
        person, seen = first, {first}
        while (following := passed.get(person)) is not None and following not in seen:
            person = following
            seen.add(person)
        found[person] = None
    return tuple(found)


def key_of(person: str, awaited: Awaited, stage: int, sent: Iterable[Reminder]) -> str:
    """Return the name of the person's next reminder: two clocks that see the same choose the same."""
    before = sum(row.wait == awaited.key and row.person == person for row in sent)
    return f"{PREFIX}{awaited.key}:{stage}:{person}:{before + 1}"
