"""What a purge would take, as a table that fits on a phone."""

from __future__ import annotations

from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.slack.views.blocks import Block, labelled, preformatted, rich
from bot.slack.views.wording import clamp, clamp_lines, counted, size

SAMPLES = 3
TABLE = 2500


def plan_block(plan: Plan) -> Block:
    """Return the plan: per pattern keys, bytes, expiry and samples, then the neighbours it also takes."""
    lines = [line for row in plan.patterns for line in _rows(row)]
    total = f"{counted(plan.keys, 'key')}, {size(plan.bytes)}, of {plan.database_keys:,} in the database"
    warning = _neighbours(plan)
    return rich(
        labelled("Plan", total),
        preformatted(clamp_lines(lines, TABLE)),
        labelled("⚠ Also takes neighbours", warning) if warning else None,
    )


def short_hash(plan_hash: str) -> str:
    """Return as much of a hash as a person compares."""
    return plan_hash[:12]


def _rows(row: PatternCount) -> list[str]:
    lines = [clamp(row.pattern, 200), f"  {counted(row.keys, 'key')}, {size(row.bytes)}"]
    if row.keys:
        lines.append(f"  expiry: {expiry(row.ttl)}")
    lines += [f"  e.g. {clamp(name, 120)}" for name in row.sample[:SAMPLES]]
    return lines


def expiry(ttl: TtlSpread) -> str:
    """Return how many keys expire when, leaving out what is zero."""
    parts = (
        (ttl.under_minute, "under 1 min"),
        (ttl.under_hour, "under 1 h"),
        (ttl.under_day, "under 1 day"),
        (ttl.longer, "later"),
        (ttl.no_expiry, "never"),
    )
    return ", ".join(f"{count:,} {label}" for count, label in parts if count) or "none"


def _neighbours(plan: Plan) -> str:
    found = sorted({name for row in plan.patterns for name in row.neighbours})
    more = f", … {len(found) - 8:,} more" if len(found) > 8 else ""
    return ", ".join(clamp(name, 120) for name in found[:8]) + more
