"""What a plan warns of and what its refill will cost, in words that the card and the terminal share."""

from __future__ import annotations

from collections.abc import Sequence

from bot.release.forecast import WARM, Forecast
from bot.release.plan import Group, Plan
from bot.release.treatment import PLAIN

NAMES = 8
GROUPS = 5
LONGEST = 120


def warnings_of(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what a person should look at before the yes, each as a short label and what was found."""
    found = sorted({name for row in plan.patterns for name in row.neighbours})
    more = f", … {len(found) - NAMES:,} more" if len(found) > NAMES else ""
    neighbours = ", ".join(map(_short, found[:NAMES])) + more
    broken = "; ".join(row.words for row in plan.generations if row.number is None)
    warnings = (
        ("Needs one more yes", plan.large),
        ("No next generation", broken),
        ("Cannot be put back", _plain(plan)),
        ("Also takes neighbours", neighbours),
        ("Also in other routes", listed(plan.groups("overlaps"))),
        ("Sessions, locks, queues?", listed(plan.groups("alike"))),
    )
    return tuple((label, text) for label, text in warnings if text)


def _plain(plan: Plan) -> str:
    rows = [row for row in plan.patterns if row.treatment == PLAIN]
    return ", ".join(f"{_short(row.pattern)} {row.keys:,} keys" for row in rows)


def listed(groups: Sequence[Group]) -> str:
    """Return the largest groups with their counts: `anp:session 12 keys, anp:lock 1 key`."""
    shown = [
        f"{_short(row.name)} {row.keys:,} key{'' if row.keys == 1 else 's'}"
        for row in groups[:GROUPS]
    ]
    return ", ".join(shown) + (f", … {len(groups) - GROUPS:,} more" if groups[GROUPS:] else "")


def refill_words(forecast: Forecast) -> str:
    """Return what the refill will cost the origin, and how long it takes."""
    cold, minutes = forecast.cold_per_s, forecast.minutes_to_warm
    if cold is None or forecast.hit_rate is None:
        return "not known, the server does not let the bot read its counters (INFO)"
    if minutes is None:
        return "nobody reads the cache right now"
    rate = f"hit rate {forecast.hit_rate:.0%}"
    return f"about {_rate(cold)} at first, {WARM:.0%} warm {_duration(minutes)} ({rate})"


def _rate(per_second: float) -> str:
    if per_second >= 1:
        return f"{per_second:,.0f} cold requests/s"
    return f"{max(per_second * 60, 1):,.0f} cold requests/min"


def _duration(minutes: float) -> str:
    if minutes < 1:
        return "in under a minute"
    if minutes < 120:
        return f"in about {minutes:,.0f} min"
    if minutes < 48 * 60:
        return f"in about {minutes / 60:,.0f} h"
    return "after more than two days"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
