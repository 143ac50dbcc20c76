"""Freeze windows: when none may release, as a recurrence rule (RFC 5545 section 3.3.10) in a time zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

if TYPE_CHECKING:
    from bot.release.catalog import Catalog, Freeze

LOOK_AHEAD = timedelta(days=14)
MOST_JOINED = 60


@dataclass(frozen=True, kw_only=True)
class Window:
    """One freeze that holds or is about to: its name in the catalog, why, and from when until when (UTC)."""

    name: str
    reason: str
    since: datetime
    until: datetime


@lru_cache(maxsize=256)
def recurrence(rule: str, start: datetime) -> rrule:
    """Return the rule with its first local start; raise ValueError where it cannot be read."""
    return cast("rrule", rrulestr(rule, dtstart=start, cache=True))


def _starts(freeze: Freeze, since: datetime, until: datetime) -> Iterable[datetime]:
    """Return the local starts between two local moments, both included."""
    if freeze.rule is None:
        return (freeze.start,) if since <= freeze.start <= until else ()
    return recurrence(freeze.rule, freeze.start).between(since, until, inc=True)


def windows(name: str, freeze: Freeze, since: datetime, until: datetime) -> tuple[Window, ...]:
    """Return the freeze's windows that touch the span from `since` to `until`, in order.

    A window lasts so long by the clock on the wall: one that ends on Monday at 8:00 does so in summer time too.
    """
    zone, length = ZoneInfo(freeze.zone), timedelta(hours=freeze.hours)
    day = timedelta(days=1)
    first = since.astimezone(zone).replace(tzinfo=None) - length - day
    last = until.astimezone(zone).replace(tzinfo=None) + day
    found = (
        Window(
            name=name,
            reason=freeze.reason,
            since=start.replace(tzinfo=zone).astimezone(UTC),
            until=(start + length).replace(tzinfo=zone).astimezone(UTC),
        )
        for start in _starts(freeze, first, last)
    )
    return tuple(row for row in found if row.since <= until and row.until > since)


def _meant(catalog: Catalog, app: str, environment: str) -> dict[str, Freeze]:
    return {
        name: freeze
        for name, freeze in catalog.freezes.items()
        if environment in freeze.environments and (not freeze.apps or app in freeze.apps)
    }


def frozen(catalog: Catalog, app: str, environment: str, at: datetime) -> Window | None:
    """Return the freeze that holds now, until the last of the windows that follow on each other ends."""
    meant = _meant(catalog, app, environment)
    on = _longest(meant, at)
    if on is None:
        return None
    end = on.until
    for _ in range(MOST_JOINED):
        following = _longest(meant, end)
        if following is None or following.until <= end:
            break
        end = following.until
    return Window(name=on.name, reason=on.reason, since=on.since, until=end)


def _longest(meant: dict[str, Freeze], at: datetime) -> Window | None:
    on = [
        row
        for name, freeze in meant.items()
        for row in windows(name, freeze, at, at)
        if row.since <= at < row.until
    ]
    return max(on, key=lambda row: row.until, default=None)


def next_freeze(catalog: Catalog, app: str, environment: str, at: datetime) -> Window | None:
    """Return the freeze that begins next within 14 days."""
    coming = [
        row
        for name, freeze in _meant(catalog, app, environment).items()
        for row in windows(name, freeze, at, at + LOOK_AHEAD)
        if row.since > at
    ]
    return min(coming, key=lambda row: row.since, default=None)
