"""What a purge would take, as a table that fits on a phone."""

from __future__ import annotations

from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.release.plan_words import listed, refill_words, warnings_of
from bot.slack.views.blocks import Part, labelled, preformatted
from bot.slack.views.wording import clamp, clamp_lines, counted, size

SAMPLES = 3
TABLE = 2500


def plan_parts(plan: Plan) -> list[Part]:
    """Return the plan: how much, when it expires, the warnings and the refill; then each pattern in more detail."""
    alone = len(plan.patterns) == 1
    lines = [line for row in plan.patterns for line in _rows(row, alone=alone)]
    lines += [clamp(row.words, 400) for row in plan.generations]
    rare = listed(plan.groups("rare"))
    return [
        labelled("Measured", _measured(plan)),
        *([labelled("Expiry", expiry(plan.ttl))] if plan.keys else []),
        *(labelled(f"⚠️ {label}", text, loud=True) for label, text in warnings_of(plan)),
        *([labelled("Unlike the rest", rare)] if rare else []),
        *([labelled("Refill", refill_words(plan.forecast))] if plan.forecast and plan.keys else []),
        *([labelled("Source", clamp(plan.source, 300))] if plan.source else []),
        preformatted(clamp_lines(lines, TABLE)),
    ]


def short_hash(plan_hash: str) -> str:
    """Return as much of a hash as a person compares."""
    return plan_hash[:12]


def _measured(plan: Plan) -> str:
    if not plan.patterns:
        return f"{counted(len(plan.generations), 'generation key')}; no key is taken out"
    error = f" ± {size(plan.bytes_error)}" if plan.bytes_error else ""
    share = f" ({100 * plan.share:.1f} %)" if plan.keys else ""
    return (
        f"{plan.keys:,} of {counted(plan.database_keys, 'key')}{share}, {size(plan.bytes)}{error}"
    )


def _rows(row: PatternCount, *, alone: bool) -> list[str]:
    many = SAMPLES if alone else 1
    lines = [clamp(row.pattern, 200), f"  {counted(row.keys, 'key')}, {size(row.bytes)}"]
    if row.keys and not alone:
        lines.append(f"  TTL: {expiry(row.ttl)}")
    if 0 < row.measured < row.keys:
        lines.append(f"  sizes, TTL, types: from {row.measured:,} keys")
    if row.types:
        lines.append("  " + ", ".join(f"{group.keys:,} {group.name}" for group in row.types))
    if len(row.parts) > 1:
        lines += [f"  {clamp(part.name, 80)}  {part.keys:,}" for part in row.parts[:many]]
    lines += [f"  big: {size(key.bytes)} {clamp(key.name, 120)}" for key in row.biggest[:many]]
    return lines + [f"  e.g. {clamp(name, 120)}" for name in row.sample[:many]]


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
