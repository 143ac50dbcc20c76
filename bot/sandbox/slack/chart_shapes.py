"""The shapes of the data visualization block: lines, bars, areas and pies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.shape import Check, Problem, anything, both, by_type, items, shape, string


def _finite(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        yield at, "must be a number"


POINT = shape({"label": string(limits.CHART_LABEL), "value": _finite})
SERIES = shape({"name": string(limits.CHART_LABEL), "data": items(POINT, most=limits.CHART_POINTS)})
AXIS = shape(
    {"categories": items(string(limits.CHART_LABEL), most=limits.CHART_POINTS)},
    {"x_label": string(limits.CHART_TITLE), "y_label": string(limits.CHART_TITLE)},
)


def _fits_its_axis(value: Any, at: str) -> Iterator[Problem]:
    """Check what several parts of a chart must agree on: unique names, and a point for each category."""
    if list(_LINES(value, at)):
        return
    names = [one["name"] for one in value["series"]]
    if len(set(names)) < len(names):
        yield f"{at}/series", "series names must be unique"
    for index, one in enumerate(value["series"]):
        if [point["label"] for point in one["data"]] != value["axis_config"]["categories"]:
            yield f"{at}/series/{index}/data", "labels must match the axis categories"


_LINES = shape(
    {
        "type": anything,
        "series": items(SERIES, most=limits.CHART_SERIES),
        "axis_config": AXIS,
    }
)
_PIE = shape({"type": anything, "segments": items(POINT, most=limits.CHART_SERIES)})
CHART: Check = by_type(
    {**dict.fromkeys(("line", "bar", "area"), both(_LINES, _fits_its_axis)), "pie": _PIE}
)
