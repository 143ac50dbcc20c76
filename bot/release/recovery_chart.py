"""How a cache recovers after its purge, look by look, as lines: its share of hits, and the median response time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

from bot.release.quantile_chart import Chart, Line
from bot.release.watching import Look

# Slack takes 20 points a line; the sandbox and the pictures keep to that too.
POINTS = 20
LOOK = "look"

Value = Callable[[Look], float | None]


def recovery_charts(looks: Sequence[Look]) -> tuple[Chart, ...]:
    """Return a chart of the hits in percent and one of the median in ms; each only with two points at least.

    A long watch has the mean of two or more looks in a point; a look without the value is in none.
    """
    before = next((look.ms_before for look in looks if look.ms_before is not None), None)
    charts = (
        _chart("Cache hits, %", "%", looks, lambda look: look.hits and look.hits * 100, None),
        _chart("Median response time, ms", "ms", looks, lambda look: look.ms, before),
    )
    return tuple(chart for chart in charts if chart is not None)


def _chart(
    title: str, unit: str, looks: Sequence[Look], value: Value, before: float | None
) -> Chart | None:
    known = [(look.number, found) for look in looks if (found := value(look)) is not None]
    if len(known) < 2:
        return None
    step = -(-len(known) // POINTS)
    points = [known[place : place + step] for place in range(0, len(known), step)]
    lines = [Line(name="now", values=tuple(round(fmean(v for _, v in p), 1) for p in points))]
    if before is not None:
        lines.append(Line(name="before the purge", values=(before,) * len(points)))
    return Chart(
        title=title,
        categories=tuple(str(point[0][0]) for point in points),
        lines=tuple(lines),
        x_label=LOOK,
        y_label=unit,
    )
