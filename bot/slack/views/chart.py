"""Charts as Slack's data visualization block, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.release.quantile_chart import Chart, Line, chart_from_json
from bot.slack.views.blocks import Block, Card
from bot.slack.views.wording import clamp, plain

CHART = "data_visualization"
# Slack takes two in a message, and titles of 50, names and labels of 20 characters.
MOST = 2
TITLE = 50
LABEL = 20


def chart_blocks(numbers: Mapping[str, Any]) -> list[Block]:
    """Return the charts that were kept beside a verdict's numbers, as blocks."""
    return [chart_block(chart_from_json(kept)) for kept in numbers.get("charts", ())[:MOST]]


def chart_block(chart: Chart) -> Block:
    """Return one chart as lines.

    https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
    """
    categories = [clamp(plain(name), LABEL) for name in chart.categories]
    return {
        "type": CHART,
        "title": clamp(plain(chart.title), TITLE),
        "chart": {
            "type": "line",
            "series": [
                {
                    "name": clamp(plain(line.name), LABEL),
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(categories, line.values, strict=True)
                    ],
                }
                for line in chart.lines
            ],
            "axis_config": {
                "categories": categories,
                "x_label": chart.x_label,
                "y_label": chart.y_label,
            },
        },
    }


def charts_of(card: Card) -> tuple[Chart, ...]:
    """Return the charts of a card."""
    return tuple(_chart(block) for block in card.blocks if block["type"] == CHART)


def without_charts(card: Card) -> Card:
    """Return the card for a Slack that has no charts yet."""
    return Card(
        text=card.text, blocks=tuple(block for block in card.blocks if block["type"] != CHART)
    )


def _chart(block: Block) -> Chart:
    drawn = block["chart"]
    axis = drawn["axis_config"]
    return Chart(
        title=block["title"],
        x_label=axis["x_label"],
        y_label=axis["y_label"],
        categories=tuple(drawn["axis_config"]["categories"]),
        lines=tuple(
            Line(name=row["name"], values=tuple(point["value"] for point in row["data"]))
            for row in drawn["series"]
        ),
    )
