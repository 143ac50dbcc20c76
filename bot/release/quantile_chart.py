"""Response times as lines over their quantiles, before and after: what a chart shows, in whatever it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bot.release.order_statistics import rank
from bot.release.records import Json

SHARES = (("p10", 0.1), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95))
P99_NEEDS = 100
FAR = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """One named line, a value in ms for each category."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Lines over the same categories."""

    title: str
    categories: tuple[str, ...]
    lines: tuple[Line, ...]
    x_label: str = "share of requests"
    y_label: str = "ms"

    def as_json(self) -> Json:
        """Return the chart as it is kept beside the numbers."""
        return asdict(self)


def quantile_chart(
    path: str, before: Sequence[float], after: Sequence[float], budget_ms: int | None
) -> Chart | None:
    """Return the chart of a page; p99 only where each window has 100 samples; None where nothing came back.

    A line over quantiles is a cumulative distribution on its side, so nothing is lost.
    """
    windows = [(name, had) for name, had in (("before", before), ("after", after)) if had]
    if not after:
        return None
    enough = all(len(had) >= P99_NEEDS for _, had in windows)
    shares = (*SHARES, ("p99", 0.99)) if enough else SHARES
    lines = [
        Line(name=name, values=tuple(round(rank(had, share), 1) for _, share in shares))
        for name, had in windows
    ]
    # A budget far above all of them would press the lines flat; the table names it anyway.
    most = max(value for line in lines for value in line.values)
    if budget_ms is not None and budget_ms <= FAR * most:
        lines.append(Line(name="budget p95", values=(float(budget_ms),) * len(shares)))
    return Chart(
        title=f"{path}: response time, ms"[:50],
        categories=tuple(name for name, _ in shares),
        lines=tuple(lines),
    )


def chart_from_json(kept: Json) -> Chart:
    """Return the chart that `as_json` wrote."""
    lines = tuple(Line(name=row["name"], values=tuple(row["values"])) for row in kept["lines"])
    return Chart(**{**kept, "categories": tuple(kept["categories"]), "lines": lines})
