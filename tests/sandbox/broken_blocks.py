"""Blocks that Slack refuses: name -> blocks, where, what is wrong."""

from __future__ import annotations

from typing import Any

from tests.sandbox.fine_blocks import CONFIRM
from tests.sandbox.slack_blocks import (
    actions,
    button,
    chart,
    mrkdwn,
    option,
    plain,
    section,
    select,
)

BROKEN: dict[str, tuple[list[Any], str, str]] = {
    "section text": (
        [section("x" * 3001)],
        "/blocks/0/text/text",
        "must be less than 3001 characters",
    ),
    "empty text": ([section("")], "/blocks/0/text/text", "must be more than 0 characters"),
    "section field": (
        [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
        "/blocks/0/fields/0/text",
        "must be less than 2001 characters",
    ),
    "eleven fields": (
        [{"type": "section", "fields": [mrkdwn("x")] * 11}],
        "/blocks/0/fields",
        "no more than 10 items allowed",
    ),
    "section without words": (
        [{"type": "section"}],
        "/blocks/0",
        "must define either `text` or `fields`",
    ),
    "header text": (
        [{"type": "header", "text": plain("x" * 151)}],
        "/blocks/0/text/text",
        "must be less than 151 characters",
    ),
    "mrkdwn in a header": (
        [{"type": "header", "text": mrkdwn("x")}],
        "/blocks/0/text/type",
        "unsupported type: mrkdwn",
    ),
    "button text": (
        [actions(button("x" * 76))],
        "/blocks/0/elements/0/text/text",
        "must be less than 76 characters",
    ),
    "button value": (
        [actions(button(value="x" * 2001))],
        "/blocks/0/elements/0/value",
        "must be less than 2001 characters",
    ),
    "action_id": (
        [actions(button(action_id="x" * 256))],
        "/blocks/0/elements/0/action_id",
        "must be less than 256 characters",
    ),
    "button style": (
        [actions(button(style="default"))],
        "/blocks/0/elements/0/style",
        "must be a valid enum value",
    ),
    "26 buttons": (
        [actions(*[button()] * 26)],
        "/blocks/0/elements",
        "no more than 25 items allowed",
    ),
    "no buttons": ([actions()], "/blocks/0/elements", "no less than 1 items required"),
    "eleven parts of a context": (
        [{"type": "context", "elements": [mrkdwn("x")] * 11}],
        "/blocks/0/elements",
        "no more than 10 items allowed",
    ),
    "a button in a context": (
        [{"type": "context", "elements": [button()]}],
        "/blocks/0/elements/0/type",
        "unsupported type: button",
    ),
    "a text field outside an input": (
        [actions({"type": "plain_text_input", "action_id": "a"})],
        "/blocks/0/elements/0/type",
        "unsupported type: plain_text_input",
    ),
    "six overflow options": (
        [actions({"type": "overflow", "options": [option("o")] * 6})],
        "/blocks/0/elements/0/options",
        "no more than 5 items allowed",
    ),
    "101 options": (
        [actions(select(*["o"] * 101))],
        "/blocks/0/elements/0/options",
        "no more than 100 items allowed",
    ),
    "option value": (
        [actions(select("x" * 76))],
        "/blocks/0/elements/0/options/0/text/text",
        "must be less than 76 characters",
    ),
    "a menu without options": (
        [actions({"type": "static_select"})],
        "/blocks/0/elements/0",
        "must define either `options` or `option_groups`",
    ),
    "a first choice that is not offered": (
        [actions(select("a", initial_option=option("b")))],
        "/blocks/0/elements/0/initial_option",
        "must match exactly one of the options provided",
    ),
    "confirm title": (
        [actions(button(confirm={**CONFIRM, "title": plain("x" * 101)}))],
        "/blocks/0/elements/0/confirm/title/text",
        "must be less than 101 characters",
    ),
    "confirm button": (
        [actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)}))],
        "/blocks/0/elements/0/confirm/deny/text",
        "must be less than 31 characters",
    ),
    "the same action_id twice in a block": (
        [actions(button(action_id="a"), button(action_id="a"))],
        "/blocks/0/elements/1/action_id",
        '`action_id` "a" already exists',
    ),
    "the same block_id twice": (
        [section(block_id="b"), section(block_id="b")],
        "/blocks/1/block_id",
        '`block_id` "b" already exists',
    ),
    "51 blocks": ([{"type": "divider"}] * 51, "/blocks", "no more than 50 items allowed"),
    "an unknown block": ([{"type": "banner"}], "/blocks/0/type", "unsupported type: banner"),
    "an unknown property": (
        [section(colour="red")],
        "/blocks/0",
        "invalid additional property: colour",
    ),
    "a missing text": ([{"type": "header"}], "/blocks/0", "missing required field: text"),
    "a block that is no object": (["words"], "/blocks/0", "must provide an object"),
    "an alert in a message": (
        [{"type": "alert", "text": plain("x")}],
        "/blocks/0/type",
        "block type `alert` is not allowed in a message",
    ),
    "two tables": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
        "/blocks",
        "no more than 1 table allowed",
    ),
    "three charts": ([chart()] * 3, "/blocks", "no more than 2 charts allowed"),
    "a chart's title": (
        [chart(title="x" * 51)],
        "/blocks/0/title",
        "must be less than 51 characters",
    ),
    "seven lines": (
        [chart(names=("a", "b", "c", "d", "e", "f", "g"))],
        "/blocks/0/chart/series",
        "no more than 6 items allowed",
    ),
    "two lines of one name": (
        [chart(names=("a", "a"))],
        "/blocks/0/chart/series",
        "series names must be unique",
    ),
    "a point that is no category": (
        [chart(categories=("p50", "p95"), labels=("p50", "p99"))],
        "/blocks/0/chart/series/0/data",
        "labels must match the axis categories",
    ),
    "a point without a number": (
        [chart(value=float("nan"))],
        "/blocks/0/chart/series/0/data/0/value",
        "must be a number",
    ),
    "a category that is too long": (
        [chart(categories=("x" * 21,))],
        "/blocks/0/chart/axis_config/categories/0",
        "must be less than 21 characters",
    ),
    "a table that is too wide": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}],
        "/blocks/0/rows/0",
        "no more than 20 items allowed",
    ),
    "an unknown part of rich text": (
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "/blocks/0/elements/0/type",
        "unsupported type: text",
    ),
}
