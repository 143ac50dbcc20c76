"""Working hours by the clock on the wall, also on the days on which that clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.working_hours import ALWAYS, WorkingHours, parse_hours

BERLIN = "Mo-Fr 09:00-17:30 Europe/Berlin"
START = datetime(2024, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


def hours(text: str = BERLIN) -> WorkingHours:
    """Return the hours that the text names."""
    found = parse_hours(text)
    assert found is not None
    return found


def utc(text: str) -> datetime:
    """Return `2026-03-27 16:30` as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "opens"),
    [
        # Friday 17:29 and 17:30 in Berlin's winter, then the clocks go forward: Monday 09:00 is 07:00 UTC.
        (BERLIN, "2026-03-27 16:29", "2026-03-27 16:29"),
        (BERLIN, "2026-03-27 16:30", "2026-03-30 07:00"),
        (BERLIN, "2026-03-29 01:00", "2026-03-30 07:00"),
        # Friday in summer, then the clocks go back: Monday 09:00 is 08:00 UTC again.
        (BERLIN, "2026-10-23 15:29", "2026-10-23 15:29"),
        (BERLIN, "2026-10-23 15:30", "2026-10-26 08:00"),
        (BERLIN, "2026-10-26 07:59", "2026-10-26 08:00"),
        # On the very Sunday: 02:00 to 03:00 does not exist, so hours that begin in it begin at 03:00.
        ("Su 02:30-05:00 Europe/Berlin", "2026-03-29 00:00", "2026-03-29 01:30"),
        ("Su 02:00-02:30 Europe/Berlin", "2026-03-29 00:00", "2026-04-05 00:00"),
        # On the Sunday in October 02:00 to 03:00 comes twice: open both times.
        ("Su 02:00-03:00 Europe/Berlin", "2026-10-24 23:00", "2026-10-25 00:00"),
        ("Su 02:00-03:00 Europe/Berlin", "2026-10-25 01:30", "2026-10-25 01:30"),
        ("Mo-Fr 09:00-17:30 America/New_York", "2026-03-09 12:59", "2026-03-09 13:00"),
        ("Mo-Fr 09:00-17:30 Asia/Kolkata", "2026-03-09 03:29", "2026-03-09 03:30"),
        ("Sa,Mo 10:00-11:00 UTC", "2026-03-07 11:00", "2026-03-09 10:00"),
        ("Sa-Mo 10:00-24:00 UTC", "2026-03-07 23:59", "2026-03-07 23:59"),
    ],
)
def test_the_next_working_moment(text: str, at: str, opens: str) -> None:
    assert hours(text).next_open(utc(at)) == utc(opens)


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        ("2026-03-26 07:00", "2026-03-27 08:00"),
        ("2026-03-27 12:00", "2026-03-30 07:00"),
        ("2026-03-29 23:30", "2026-03-31 07:00"),
    ],
)
def test_tomorrow_morning_is_on_a_later_day(at: str, morning: str) -> None:
    assert hours().next_morning(utc(at)) == utc(morning)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mo-Fr",
        "Mo-Fr 09:00-17:30",
        "Mo-Fr 09:00-17:30 Europe/Atlantis",
        "Mo-Xx 09:00-17:30 UTC",
        "Mo-Fr 17:30-09:00 UTC",
        "Mo-Fr 09:00-09:00 UTC",
        "Mo-Fr 09:60-17:30 UTC",
        "Mo-Fr 09:00-24:01 UTC",
        "Mo-Fr 9:00-17:30 UTC",
        "Mo-Fr 09:00-17:30 ../etc/passwd",
    ],
)
def test_what_names_no_hours_is_not_guessed_at(text: str) -> None:
    assert parse_hours(text) is None


def test_always_has_no_nights() -> None:
    assert parse_hours("Always") == ALWAYS
    assert ALWAYS.is_open(utc("2026-03-29 01:30"))


def test_a_reader_has_the_same_hours_by_their_own_clock() -> None:
    theirs = hours().in_zone("America/New_York")
    assert theirs.next_open(utc("2026-03-09 08:00")) == utc("2026-03-09 13:00")
    assert hours().in_zone(None) == hours()
    assert hours().in_zone("Mars/Olympus") == hours()


@given(
    at=st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    zone=st.sampled_from(ZONES),
    first=st.integers(0, 1380),
    length=st.integers(60, 1440),
    days=st.frozensets(st.integers(0, 6), min_size=1),
)
def test_the_next_opening_lies_within_the_hours_and_none_lies_before_it(
    at: datetime, zone: str, first: int, length: int, days: frozenset[int]
) -> None:
    some = WorkingHours(days=days, first=first, last=min(first + length, 1440), zone=zone)
    opens = some.next_open(at)
    local = opens.astimezone(ZoneInfo(zone))
    assert local.weekday() in days
    assert first <= local.hour * 60 + local.minute < some.last
    assert opens >= at
    steps = range(0, int((opens - at) / timedelta(minutes=30)))
    assert not any(some.is_open(at + timedelta(minutes=30 * step)) for step in steps)
