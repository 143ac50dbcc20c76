"""A purge plan as a table of plain text."""

from __future__ import annotations

from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.terminal.wording import size

SAMPLES = 3
WIDEST = 60
HEAD = ("PATTERN", "KEYS", "SIZE", "EXPIRES")


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """Return a row for each pattern, a few of its keys, and a warning for neighbours it also takes."""
    rows = [HEAD, *(_row(row) for row in plan.patterns)]
    widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(3)]
    table = [_aligned(row, widths) for row in rows]
    samples = [f"  e.g. {name}" for row in plan.patterns for name in row.sample[:SAMPLES]]
    return (*table, *samples, *_neighbours(plan))


def _row(row: PatternCount) -> tuple[str, str, str, str]:
    return row.pattern, f"{row.keys:,}", size(row.bytes), expiry(row.ttl)


def _aligned(row: tuple[str, str, str, str], widths: list[int]) -> str:
    pattern, keys, how_large, expires = row
    columns = f"{pattern:<{widths[0]}}  {keys:>{widths[1]}}  {how_large:>{widths[2]}}"
    return f"  {columns}  {expires}"


def expiry(ttl: TtlSpread) -> str:
    """Return how many keys expire when, leaving out what is zero."""
    parts = (
        (ttl.under_minute, "within a minute"),
        (ttl.under_hour, "within an hour"),
        (ttl.under_day, "within a day"),
        (ttl.longer, "later"),
        (ttl.no_expiry, "never"),
    )
    said = [(count, label) for count, label in parts if count]
    if len(said) == 1:
        return said[0][1]
    return ", ".join(f"{count:,} {label}" for count, label in said) or "-"


def _neighbours(plan: Plan) -> tuple[str, ...]:
    found = sorted({name for row in plan.patterns for name in row.neighbours})
    if not found:
        return ()
    more = f" and {len(found) - 8:,} more" if len(found) > 8 else ""
    return (f"  WARNING: it also takes neighbours of the route: {', '.join(found[:8])}{more}",)
