"""Working hours: when people may be reminded of what can wait, by the clock on their own wall."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
FORM = re.compile(r"(\S+) (\d{2}):(\d{2})-(\d{2}):(\d{2}) (\S+)")
DAY_MINUTES = 24 * 60
ALWAYS_WORD = "always"


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """The same span on some days of the week: `days` from 0, a Monday; minutes of the day, the last one excluded.

    `zone` is an IANA name. A span that is skipped when the clocks go forward does not come that day.
    """

    days: frozenset[int]
    first: int
    last: int
    zone: str

    def in_zone(self, zone: str | None) -> WorkingHours:
        """Return the same hours for a reader in that zone; these, where the zone is not known."""
        if zone is None or zone == self.zone or not is_zone(zone):
            return self
        return WorkingHours(days=self.days, first=self.first, last=self.last, zone=zone)

    def is_open(self, at: datetime) -> bool:
        """Return whether the moment lies within the hours."""
        local = at.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return local.weekday() in self.days and self.first <= minute < self.last

    def next_open(self, at: datetime) -> datetime:
        """Return the moment, where it lies within the hours, else when they begin next (UTC)."""
        return at if self.is_open(at) else self.next_start(at)

    def next_start(self, at: datetime) -> datetime:
        """Return when the hours begin next after a moment (UTC)."""
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        opens = time(self.first // 60, self.first % 60)
        for day in range(16):
            local = datetime.combine(today + timedelta(days=day), opens, tzinfo=zone)
            begins = local.astimezone(UTC)
            if begins > at and self.is_open(begins):
                return begins
        raise ValueError(f"no working hours within two weeks of {at.isoformat()}")

    def next_morning(self, at: datetime) -> datetime:
        """Return when the hours begin on a later day than this one (UTC)."""
        zone = ZoneInfo(self.zone)
        tomorrow = at.astimezone(zone).date() + timedelta(days=1)
        midnight = datetime.combine(tomorrow, time(0), tzinfo=zone).astimezone(UTC)
        return self.next_start(midnight - timedelta(microseconds=1))


ALWAYS = WorkingHours(days=frozenset(range(7)), first=0, last=DAY_MINUTES, zone="UTC")
OFFICE = WorkingHours(days=frozenset(range(5)), first=9 * 60, last=17 * 60 + 30, zone="UTC")


def is_zone(name: str) -> bool:
    """Return whether this is a time zone's IANA name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def parse_hours(text: str) -> WorkingHours | None:
    """Return the hours that `Mo-Fr 09:00-17:30 Europe/Berlin` or `always` names; None where it names none.

    Days are a range or a list: `Mo-Fr`, `Mo,We,Fr`.
    """
    if text.strip().lower() == ALWAYS_WORD:
        return ALWAYS
    found = FORM.fullmatch(" ".join(text.split()))
    if found is None or not is_zone(found[6]):
        return None
    days, (hour, minute, end_hour, end_minute) = _days(found[1]), map(int, found.groups()[1:5])
    first, last = hour * 60 + minute, end_hour * 60 + end_minute
    if not days or max(minute, end_minute) > 59 or not first < last <= DAY_MINUTES:
        return None
    return WorkingHours(days=days, first=first, last=last, zone=found[6])


def _days(text: str) -> frozenset[int]:
    """Return the days of a range or a list; none where one of them is unknown."""
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            return frozenset()
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)
