"""Who is in a user group, or on call by a schedule, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

FRESH = timedelta(seconds=60)
SCHEDULE = "pagerduty:"


class Unreachable(Exception):
    """Slack or PagerDuty did not answer, or not with what was asked for.

    `lasting` says that asking again soon does not help: a scope, a plan or a schedule is missing.
    """

    def __init__(self, why: str, *, lasting: bool = False) -> None:
        """Take the reason in a few words."""
        super().__init__(why)
        self.lasting = lasting


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Who `name` stands for, as asked at `at`: people by their Slack ids.

    `strangers` are how many more it names whom Slack does not know. `doubted_at` is when Slack said that it changed.
    `trouble` says why nothing newer is known; None: nothing newer is needed.
    """

    name: str
    people: frozenset[str]
    at: datetime
    strangers: int = 0
    doubted_at: datetime | None = None
    trouble: str | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Return whether it is at most a minute old, and Slack said of no change since."""
        doubted = self.doubted_at is not None and self.at < self.doubted_at
        return now - self.at <= FRESH and not doubted


class Memberships(Protocol):
    """The last good copy of each group and schedule, shared by all processes."""

    def membership(self, name: str) -> Membership | None:
        """Return the copy; None where there never was one."""
        ...

    def keep_membership(self, found: Membership) -> None:
        """Keep it, unless a newer one is there."""
        ...

    def doubt_membership(self, name: str, at: datetime) -> None:
        """Note that it has changed: the copy is not fresh any more."""
        ...


def is_group(name: str) -> bool:
    """Return whether a name of the catalog stands for several people: a user group or a schedule."""
    return name.startswith("S") or is_schedule(name)


def is_schedule(name: str) -> bool:
    """Return whether a name of the catalog is a PagerDuty schedule."""
    return name.startswith(SCHEDULE)


def schedule_id(name: str) -> str:
    """Return PagerDuty's own id of a schedule."""
    return name.removeprefix(SCHEDULE)


def no_answer(name: str) -> Membership:
    """Raise Unreachable: nobody can be asked here."""
    raise Unreachable("this process has no token for Slack", lasting=True)
