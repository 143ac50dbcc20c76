"""The canned modal and the blocks of every other kind."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def option(value: str, text: str, note: str | None = None) -> Json:
    """Return an option object."""
    return {
        "text": _plain(text),
        "value": value,
        **({"description": _plain(note)} if note else {}),
    }


def _input(block: str, label: str, element: Json, **extra: object) -> Json:
    return {
        "type": "input",
        "block_id": block,
        "label": _plain(label),
        "element": {"action_id": block, **element},
        **extra,
    }


APPS = [option("shop", "shop"), option("blog", "blog")]
ROUTES = [option("products", "products"), option("home", "home"), option("search", "search")]


def modal() -> Json:
    """Return a modal with every kind of field."""
    fields = [
        _input(
            "app",
            "App",
            {"type": "static_select", "options": APPS, "initial_option": APPS[0]},
        ),
        _input("routes", "Routes", {"type": "multi_static_select", "options": ROUTES}),
        _input(
            "title",
            "Title",
            {
                "type": "plain_text_input",
                "min_length": 4,
                "placeholder": _plain("New price table"),
            },
            hint=_plain("Shown on the card and in the history."),
        ),
        _input(
            "note",
            "Rollback note",
            {
                "type": "plain_text_input",
                "multiline": True,
                "initial_value": "Restore the snapshot, then warm /home.",
            },
        ),
        _input("owner", "Owner", {"type": "users_select", "initial_user": "U01OWNER"}),
        _input(
            "environment",
            "Environment",
            {
                "type": "radio_buttons",
                "options": [
                    option("staging", "staging", "the rehearsal"),
                    option("production", "production"),
                ],
                "initial_option": option("staging", "staging", "the rehearsal"),
            },
        ),
        _input(
            "checks",
            "Extra checks",
            {
                "type": "checkboxes",
                "options": [
                    option("warm", "Warm the pages afterwards"),
                    option("watch", "Watch for an hour"),
                ],
            },
            optional=True,
        ),
        _input(
            "limit",
            "Limit in ms",
            {
                "type": "number_input",
                "is_decimal_allowed": False,
                "initial_value": "180",
                "min_value": "1",
            },
        ),
        _input("day", "Day", {"type": "datepicker", "initial_date": "2026-03-01"}, optional=True),
    ]
    return {
        "type": "modal",
        "id": "V01",
        "hash": "1",
        "callback_id": "start",
        "title": _plain("Start a release"),
        "submit": _plain("Start"),
        "close": _plain("Cancel"),
        "blocks": fields,
    }


def home() -> Json:
    """Return a home view with a button and a field of its own."""
    return {
        "type": "home",
        "id": "V99",
        "hash": "1",
        "blocks": [
            {"type": "header", "block_id": "h1", "text": _plain("Waiting for you")},
            {
                "type": "section",
                "block_id": "w1",
                "text": {
                    "type": "mrkdwn",
                    "text": "*R-42* New price table\nStep 3 of 5 waits for approval",
                },
                "accessory": {
                    "type": "button",
                    "text": _plain("Open"),
                    "action_id": "open_r42",
                    "value": "42",
                },
            },
            {"type": "divider", "block_id": "d1"},
            {"type": "header", "block_id": "h2", "text": _plain("Ready to roll back")},
            {
                "type": "section",
                "block_id": "w2",
                "text": {
                    "type": "mrkdwn",
                    "text": "*R-41* Search index\nSnapshot of 812 keys, 3 h old",
                },
                "accessory": {
                    "type": "button",
                    "text": _plain("Roll back…"),
                    "action_id": "roll_back_r41",
                    "style": "danger",
                    "value": "41",
                    "confirm": {},
                },
            },
        ],
    }


def gallery() -> list[Json]:
    """Return one block of every other kind."""
    styled = [
        {"type": "text", "text": "bold", "style": {"bold": True}},
        {"type": "text", "text": " and "},
        {"type": "text", "text": "code", "style": {"code": True}},
        {"type": "emoji", "name": "rocket"},
        {"type": "user", "user_id": "U02APPROVER"},
        {"type": "link", "url": "https://example.org/run", "text": "the run"},
    ]
    listed = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
        for words in ("first", "second")
    ]
    weeks = ["10:00", "10:05", "10:10", "10:15"]
    points = {"p50": [41, 40, 39, 39], "p95": [171, 190, 168, 166]}
    series = [
        {
            "name": name,
            "data": [
                {"label": week, "value": value} for week, value in zip(weeks, values, strict=True)
            ],
        }
        for name, values in points.items()
    ]
    axis = {"categories": weeks, "y_label": "ms", "x_label": "time"}
    rows = [
        ["Pattern", "Keys", "Bytes"],
        ["anp:page:/products*", "1,204", "9.1 MB"],
        ["anp:fragment:products:*", "310", "0.4 MB"],
    ]
    return [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": styled},
                {"type": "rich_text_list", "style": "ordered", "elements": listed},
                {
                    "type": "rich_text_quote",
                    "elements": [{"type": "text", "text": "<b>quoted</b>"}],
                },
            ],
        },
        {
            "type": "markdown",
            "text": "## Plan\n\n- **1,204** keys\n- `anp:*`\n\n| Route | p95 |\n|---|---|\n| /products | 168 ms |",
        },
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows],
            "column_settings": [{}, {"align": "right"}, {"align": "right"}],
        },
        {
            "type": "data_visualization",
            "title": "Response time",
            "chart": {"type": "line", "series": series, "axis_config": axis},
        },
        {
            "type": "data_visualization",
            "title": "Response time in bars",
            "chart": {"type": "bar", "series": series, "axis_config": axis},
        },
        {"type": "hologram", "block_id": "x"},
    ]
