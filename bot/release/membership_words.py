"""How it is said who is in a group or on call, from where that is known, and how old it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.release.membership import Membership, Unreachable, is_schedule, schedule_id


def source_words(name: str) -> str:
    """Return what a name of the catalog is, in a few words: it calls nobody."""
    if is_schedule(name):
        return f"PagerDuty schedule {schedule_id(name)}"
    return f"user group {name}" if name.startswith("S") else "the catalog"


def fresh_words(found: Membership, now: datetime) -> str:
    """Return how old it is: `asked 12 seconds ago`, or since when and why nothing newer is known."""
    if found.trouble is None:
        return f"asked {span_words(now - found.at)} ago"
    return f"known as of {found.at:%Y-%m-%d %H:%M} UTC, {span_words(now - found.at)} ago: {found.trouble}"


def aged_words(found: Membership, now: datetime) -> tuple[str, ...]:
    """Return the line that says that somebody is called by an old copy; nothing where the copy is not old."""
    if found.trouble is None:
        return ()
    who = "on call" if is_schedule(found.name) else "in it"
    return (f"{_capital(source_words(found.name))}: who is {who} is {fresh_words(found, now)}.",)


def nobody_words(name: str, silent: Unreachable | None = None) -> str:
    """Return why nobody of a schedule is called: nobody is on call, or nobody ever said who is."""
    why = "nobody is on call" if silent is None else f"it is not known who is on call: {silent}"
    return f"{_capital(source_words(name))}: {why}. The owners are called instead."


def span_words(span: timedelta) -> str:
    """Return a span as people say it, in its largest unit: `12 seconds`, `5 hours`, `3 days`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size, least in (("day", 86_400, 172_800), ("hour", 3600, 7200), ("minute", 60, 120)):
        if seconds >= least:
            return f"{seconds // size} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
