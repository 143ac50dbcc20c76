"""Spans and moments that people type: `2h`, `30m`, `1d`, `18:00`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.release.refusal import Code, Refusal

SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d)")
UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=90)
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2})?")


def find_span(text: str) -> timedelta:
    """Return the span that was typed: minutes, hours or days, at most 90 days."""
    found = SPAN.fullmatch(text.strip().lower())
    span = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if timedelta(0) < span <= LONGEST:
        return span
    raise _unreadable(text, "a span such as 30m, 2h or 1d, at most 90d")


def find_until(fields: Mapping[str, str], at: datetime) -> datetime | None:
    """Return until when, from `for` (a span) or `until` (a time of day, or a day with one, in UTC); None without."""
    if "for" in fields:
        return at + find_span(fields["for"])
    text = fields.get("until", "").strip()
    if not text:
        return None
    until = _moment(text, at)
    if at < until <= at + LONGEST:
        return until
    raise _unreadable(text, "a moment after now and within 90 days, in UTC")


def _moment(text: str, at: datetime) -> datetime:
    clock = CLOCK.fullmatch(text)
    if clock:
        until = at.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return until if until > at else until + timedelta(days=1)
    if DAY.fullmatch(text):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=at.tzinfo)
        except ValueError:
            pass  # a day that no calendar has is refused like any other text
    raise _unreadable(text, "18:00, or 2026-03-01 18:00, in UTC")


def _unreadable(text: str, expected: str) -> Refusal:
    return Refusal(
        code=Code.BAD_REQUEST,
        failed=f"{text[:40] or 'Nothing'} is not understood.",
        expected=f"{expected}.",
        retry_is_safe=True,
    )


def in_words(span: timedelta) -> str:
    """Return a span as people say it: `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
