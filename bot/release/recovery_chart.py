"""How a cache recovers after its purge, look by look, as lines: its share of hits, and the median response time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

from bot.release.quantile_chart import Chart, Line
from bot.release.watching import Look

# Slack takes 20 points a line; the sandbox and the pictures keep to that too.
POINTS = 20
LOOK = "look"

Values = dict[str, Callable[[Look], float | None]]


def recovery_charts(looks: Sequence[Look]) -> tuple[Chart, ...]:
    """Return a chart of the hits in percent, of the pages and of the whole Redis, and one of the median in ms.

    Each only with two points at least. A long watch has the mean of two or more looks in a point; a look without one of
    the values is in none.
    """
    hits: Values = {"pages": lambda look: _percent(look.hits)}
    if sum(look.hits is not None and look.redis_hits is not None for look in looks) > 1:
        hits["all of Redis"] = lambda look: _percent(look.redis_hits)
    times: Values = {"now": lambda look: look.ms}
    if any(look.ms_before is not None for look in looks):
        times["before the purge"] = lambda look: look.ms_before
    charts = (
        _chart("Cache hits, %", "%", looks, hits),
        _chart("Median response time, ms", "ms", looks, times),
    )
    return tuple(chart for chart in charts if chart is not None)


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _chart(title: str, unit: str, looks: Sequence[Look], values: Values) -> Chart | None:
    rows = [(look.number, [value(look) for value in values.values()]) for look in looks]
    known = [(number, [v for v in row if v is not None]) for number, row in rows if None not in row]
    if len(known) < 2:
        return None
    step = -(-len(known) // POINTS)
    points = [known[place : place + step] for place in range(0, len(known), step)]
    return Chart(
        title=title,
        categories=tuple(str(point[0][0]) for point in points),
        lines=tuple(
            Line(
                name=name,
                values=tuple(round(fmean(row[place] for _, row in point), 1) for point in points),
            )
            for place, name in enumerate(values)
        ),
        x_label=LOOK,
        y_label=unit,
    )
