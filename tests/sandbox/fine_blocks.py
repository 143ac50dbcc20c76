"""Blocks that Slack takes."""

from __future__ import annotations

from typing import Any

from tests.sandbox.slack_blocks import (
    actions,
    button,
    chart,
    mrkdwn,
    option,
    plain,
    section,
    text_field,
)

CONFIRM = {
    "title": plain("Roll back R-1?"),
    "text": mrkdwn("All of it."),
    "confirm": plain("Roll back"),
    "deny": plain("Keep"),
    "style": "danger",
}

FINE: dict[str, list[dict[str, Any]]] = {
    "a card": [
        {"type": "header", "text": plain("x" * 150)},
        section("x" * 3000, accessory=button()),
        {"type": "section", "fields": [mrkdwn("x" * 2000)] * 1},
        {"type": "divider"},
        actions(
            button("x" * 75, action_id="a", value="x" * 2000, style="primary"),
            button(action_id="b", confirm=CONFIRM, style="danger", accessibility_label="Roll back"),
            {"type": "overflow", "action_id": "c", "options": [option("o")]},
        ),
        {"type": "context", "elements": [mrkdwn("small"), plain("too")]},
    ],
    "the same action_id in two blocks": [actions(button(action_id="a"))] * 2,
    "25 buttons": [actions(*[button()] * 25)],
    "50 blocks": [{"type": "divider"}] * 50,
    "rich text": [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}]},
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "user", "user_id": "U"}],
                        }
                    ],
                },
            ],
        }
    ],
    "a table": [{"type": "table", "rows": [[{"type": "raw_text", "text": "p95"}]]}],
    "an input": [text_field("a")],
    "a block that is known and not modelled": [{"type": "card", "title": plain("x")}],
}

# Slack's own client has no model of charts yet.
CHARTS: dict[str, list[dict[str, Any]]] = {
    "six lines over twenty points": [
        chart(
            names=("a", "b", "c", "d", "e", "f"),
            categories=tuple(f"{place:020d}" for place in range(20)),
            title="x" * 50,
        )
    ],
    "an area under one line": [chart(kind="area"), chart(kind="bar", y_label="ms", x_label="q")],
    "a pie": [
        {
            "type": "data_visualization",
            "title": "x" * 50,
            "chart": {"type": "pie", "segments": [{"label": "x" * 20, "value": 1}] * 6},
        }
    ],
}
