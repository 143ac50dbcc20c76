"""A purge plan as a table of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.release.plan_words import listed, refill_words, warnings_of
from bot.terminal.wording import plain, size

SAMPLES = 3
WIDEST = 60
HEAD = ("PATTERN", "KEYS", "SIZE", "EXPIRES")


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """Return a row for each pattern, the warnings, the cost of the refill, and a few of the keys."""
    rows = [HEAD, *(_row(row) for row in plan.patterns)]
    widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(3)]
    table = [_aligned(row, widths) for row in rows]
    table = table if plan.patterns else []
    table += [plain(f"  {row.words}") for row in plan.generations]
    return (*table, *map(plain, _about(plan)), *map(plain, _details(plan)))


def _row(row: PatternCount) -> tuple[str, str, str, str]:
    error = f" ± {size(row.bytes_error)}" if row.bytes_error else ""
    return row.pattern, f"{row.keys:,}", f"{size(row.bytes)}{error}", expiry(row.ttl)


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


def _about(plan: Plan) -> Iterator[str]:
    for label, text in warnings_of(plan):
        yield f"  WARNING: {label[0].lower()}{label[1:]}: {text}"
    rare = listed(plan.groups("rare"))
    if rare:
        yield f"  Unlike the rest: {rare}"
    if plan.forecast and plan.keys:
        yield f"  Refill: {refill_words(plan.forecast)}"
    if plan.source:
        yield f"  {plan.source}"


def _details(plan: Plan) -> Iterator[str]:
    types = plan.groups("types")
    if types:
        yield f"  Types: {', '.join(f'{row.keys:,} {row.name}' for row in types)}"
    for row in plan.patterns:
        if len(row.parts) > 1:
            yield f"  Begin with: {listed(row.parts)}"
        if 0 < row.measured < row.keys:
            yield f"  {row.pattern}: size, expiry and types from {row.measured:,} of its keys"
    biggest = [key for row in plan.patterns for key in row.biggest]
    for key in sorted(biggest, key=lambda key: -key.bytes)[:SAMPLES]:
        yield f"  Big: {size(key.bytes)} {key.type} {key.name}"
    for row in plan.patterns:
        yield from (f"  e.g. {name}" for name in row.sample[:SAMPLES])
