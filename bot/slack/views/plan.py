"""What a purge would take, as a table that fits on a phone."""

from __future__ import annotations

from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.slack.views.blocks import Part, labelled, preformatted
from bot.slack.views.wording import clamp, clamp_lines, counted, size

SAMPLES = 3
TABLE = 2500


def plan_parts(plan: Plan) -> list[Part]:
    """Return the plan: per pattern keys, bytes, expiry and a sample, then the neighbours it also takes."""
    samples = SAMPLES if len(plan.patterns) == 1 else 1
    lines = [line for row in plan.patterns for line in _rows(row, samples)]
    total = f"{plan.keys:,} of {counted(plan.database_keys, 'key')}, {size(plan.bytes)}"
    warning = _neighbours(plan)
    return [
        labelled("Measured", total),
        preformatted(clamp_lines(lines, TABLE)),
        *([labelled("⚠️ Also takes neighbours", warning, loud=True)] if warning else []),
    ]


def short_hash(plan_hash: str) -> str:
    """Return as much of a hash as a person compares."""
    return plan_hash[:12]


def _rows(row: PatternCount, samples: int) -> list[str]:
    lines = [clamp(row.pattern, 200), f"  {counted(row.keys, 'key')}, {size(row.bytes)}"]
    if row.keys:
        lines.append(f"  TTL: {expiry(row.ttl)}")
    return lines + [f"  e.g. {clamp(name, 120)}" for name in row.sample[:samples]]


def expiry(ttl: TtlSpread) -> str:
    """Return how many keys expire when, leaving out what is zero."""
    parts = (
        (ttl.under_minute, "<1 min"),
        (ttl.under_hour, "<1 h"),
        (ttl.under_day, "<1 day"),
        (ttl.longer, "longer"),
        (ttl.no_expiry, "none"),
    )
    return ", ".join(f"{count:,} {label}" for count, label in parts if count) or "none"


def _neighbours(plan: Plan) -> str:
    found = sorted({name for row in plan.patterns for name in row.neighbours})
    more = f", … {len(found) - 8:,} more" if len(found) > 8 else ""
    return ", ".join(clamp(name, 120) for name in found[:8]) + more
