"""What verbs read of the ledger besides releases: the past, the queue, the audit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from bot.release.past import Page
from bot.release.queueing import Wait
from bot.release.records import AuditEntry, Lock
from bot.release.step_up import Enrolment
from bot.release.undelivered import DeadCard


class Reads(Protocol):
    """More of the ledger. Every method is one look at one moment."""

    def past(
        self,
        *,
        app: str | None = None,
        route: str | None = None,
        text: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = 10,
    ) -> Page:
        """Return a page of releases, newest first."""
        ...

    def waits(self) -> tuple[Wait, ...]:
        """Return everybody who waits, first come first."""
        ...

    def dead_cards(self) -> tuple[DeadCard, ...]:
        """Return the messages that could not be shown, oldest first."""
        ...

    def locks_due(self, at: datetime) -> tuple[Lock, ...]:
        """Return the locks whose time is over, or whose holder is to be reminded."""
        ...

    def locks(self) -> tuple[Lock, ...]:
        """Return every lock."""
        ...

    def to_remind_of(self, at: datetime, expiring: timedelta, ended: timedelta) -> tuple[int, ...]:
        """Return the releases of which somebody may have to be reminded, by number."""
        ...

    def enrolment(self, person: str) -> Enrolment | None:
        """Return a person's second factor, None where there is none."""
        ...

    def audit(self, release_id: int | None = None, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return what was done, newest first."""
        ...
