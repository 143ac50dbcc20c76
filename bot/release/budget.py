"""How many calls a way out takes in a time, and when the next one may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most `calls` in any `seconds`; the last `kept` of them are for what a person waits for."""

    calls: int
    seconds: float
    kept: int = 0

    def limit(self, *, hurry: bool) -> int:
        """Return how many calls may stand in one window before this one has to wait."""
        return self.calls if hurry else self.calls - self.kept


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Whether a call may go: `wait_until` None means now; `mine` False that somebody else took it over."""

    wait_until: datetime | None = None
    mine: bool = True


def in_window(recent: Sequence[datetime], budget: Budget, at: datetime) -> tuple[datetime, ...]:
    """Return the calls that still count at that time, oldest first."""
    since = at - timedelta(seconds=budget.seconds)
    return tuple(sorted(moment for moment in recent if moment > since))


def wait_until(
    recent: Sequence[datetime], budget: Budget, at: datetime, *, hurry: bool
) -> datetime | None:
    """Return when a call may go that may not go now; None where it may."""
    counted = in_window(recent, budget, at)
    over = len(counted) - budget.limit(hurry=hurry)
    return None if over < 0 else counted[over] + timedelta(seconds=budget.seconds)
