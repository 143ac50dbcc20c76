"""What a freeze window of the catalog must be, each rule with the words for what was expected."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from bot.release.catalog_rules import quoted, unfit
from bot.release.freezes import recurrence

FREQUENCY = re.compile(r"(?:^|;)FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY)(?:;|$)")


def _local(start: datetime) -> datetime:
    if start.tzinfo is None:
        return start
    raise unfit(
        start.isoformat(),
        "a local time without a zone, such as 2026-01-02T16:00:00",
        "Its zone stands in zone.",
    )


local = AfterValidator(_local)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise unfit(quoted(name), "a time zone such as Europe/Berlin", "") from None
    return name


time_zone = AfterValidator(_time_zone)


def _rrule_text(text: str) -> str:
    if FREQUENCY.search(text) and "\n" not in text and "DTSTART" not in text:
        return text
    raise unfit(
        quoted(text),
        "an RRULE with FREQ=YEARLY, MONTHLY, WEEKLY or DAILY, such as FREQ=WEEKLY;BYDAY=FR",
        "The first start stands in start.",
    )


rrule_text = AfterValidator(_rrule_text)


def recurring(rule: str | None, start: datetime) -> None:
    """Refuse a rule that cannot be read, or that never comes round."""
    if rule is None:
        return
    try:
        first = next(iter(recurrence(rule, start)), None)
    except (ValueError, TypeError, OverflowError) as error:
        raise unfit(quoted(rule), "an RRULE as RFC 5545 writes it", str(error)[:100]) from None
    if first is None:
        raise unfit(quoted(rule), "an RRULE that comes round at least once", "")


def known_names(key: str, named: Collection[str], known: Collection[str]) -> None:
    """Refuse a name that the catalog does not have."""
    strange = sorted(set(named) - set(known))
    if strange:
        raise unfit(f"{strange[0]} in {key}", f"one of {', '.join(sorted(known))}", "")
