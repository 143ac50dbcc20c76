"""The shapes of Block Kit's blocks, and on which surface each may stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.chart_shapes import CHART
from bot.sandbox.slack.element_shapes import BUTTON, FIELDS, IMAGE, MENUS, OVERFLOW
from bot.sandbox.slack.shape import (
    Check,
    Problem,
    anything,
    both,
    by_type,
    flag,
    items,
    one_of,
    shape,
    string,
    text,
)

BLOCK: dict[str, Check] = {"type": anything}
ID: dict[str, Check] = {"block_id": string(limits.IDENTIFIER)}
PRESSED = {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": anything, **MENUS}


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape(BLOCK | required, ID | (optional or {}))


def section_has_words(value: Any, at: str) -> Iterator[Problem]:
    """Check that a section has `text` or `fields`."""
    if value.get("text") is None and value.get("fields") is None:
        yield at, "must define either `text` or `fields`"


def image_has_source(value: Any, at: str) -> Iterator[Problem]:
    """Check that an image says where it comes from."""
    if value.get("image_url") is None and value.get("slack_file") is None:
        yield at, "must define either `image_url` or `slack_file`"


RICH_INLINE = one_of(
    "text", "link", "user", "usergroup", "channel", "emoji", "date", "broadcast", "color", "team"
)


def _rich_part(value: Any, at: str) -> Iterator[Problem]:
    known = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    if not isinstance(value, dict) or value.get("type") not in known:
        found = value.get("type") if isinstance(value, dict) else value
        yield f"{at}/type", f"unsupported type: {found}"
        return
    inner = value.get("elements")
    if not isinstance(inner, list):
        yield at, "missing required field: elements"
        return
    for index, element in enumerate(inner):
        pointer = f"{at}/elements/{index}"
        if value["type"] == "rich_text_list":
            yield from _rich_part(element, pointer)
        elif not isinstance(element, dict):
            yield pointer, "must provide an object"
        else:
            yield from RICH_INLINE(element.get("type"), f"{pointer}/type")
            if element.get("type") in {"text", "link"}:
                name = "text" if element["type"] == "text" else "url"
                yield from string(limits.SECTION_TEXT)(element.get(name), f"{pointer}/{name}")


RICH_TEXT = _block({"elements": items(_rich_part, most=limits.OPTIONS)})
CELL = by_type(
    {
        "raw_text": shape(BLOCK | {"text": string(limits.SECTION_TEXT)}),
        "raw_number": shape(BLOCK | {"value": anything}, {"text": anything}),
        "rich_text": RICH_TEXT,
    }
)

MODELLED: dict[str, Check] = {
    "section": both(
        _block(
            {},
            {
                "text": text(limits.SECTION_TEXT),
                "fields": items(text(limits.SECTION_FIELD), most=limits.SECTION_FIELDS),
                "accessory": by_type(PRESSED | {"image": both(IMAGE, image_has_source)}),
                "expand": flag,
            },
        ),
        section_has_words,
    ),
    "header": _block({"text": text(limits.HEADER_TEXT, plain=True)}),
    "divider": _block({}),
    "context": _block(
        {
            "elements": items(
                by_type(
                    {
                        "image": both(IMAGE, image_has_source),
                        "mrkdwn": text(limits.CONTEXT_TEXT),
                        "plain_text": text(limits.CONTEXT_TEXT),
                    }
                ),
                most=limits.CONTEXT_ELEMENTS,
            )
        }
    ),
    "actions": _block({"elements": items(by_type(PRESSED), most=limits.ACTIONS_ELEMENTS)}),
    "input": _block(
        {
            "label": text(limits.INPUT_LABEL, plain=True),
            "element": by_type(MENUS | FIELDS),
        },
        {
            "hint": text(limits.INPUT_HINT, plain=True),
            "optional": flag,
            "dispatch_action": flag,
        },
    ),
    "image": both(
        _block(
            {"alt_text": string(limits.IMAGE_TEXT)},
            {
                "image_url": string(limits.URL),
                "slack_file": anything,
                "title": text(limits.IMAGE_TEXT, plain=True),
            },
        ),
        image_has_source,
    ),
    "rich_text": RICH_TEXT,
    "markdown": _block({"text": string(limits.MARKDOWN_TEXT)}),
    "table": _block(
        {"rows": items(items(CELL, most=limits.TABLE_COLUMNS), most=limits.TABLE_ROWS)},
        {"column_settings": items(anything, most=limits.TABLE_COLUMNS)},
    ),
    "data_visualization": _block({"title": string(limits.CHART_TITLE), "chart": CHART}),
    "alert": _block(
        {"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")}
    ),
}
# Slack knows these; the bot does not send them, so only where they may stand is checked.
UNMODELLED = (
    "card", "carousel", "container", "context_actions", "data_table", "file", "plan", "task_card", "video",
)  # fmt: skip
BLOCKS = by_type(MODELLED | dict.fromkeys(UNMODELLED, anything))

SURFACES: dict[str, frozenset[str]] = {
    "message": frozenset(MODELLED) - {"alert"} | frozenset(UNMODELLED),
    "modal": frozenset(
        {"actions", "alert", "card", "context", "divider", "header", "image", "input"}
        | {"rich_text", "section", "video"}
    ),
    "home": frozenset(MODELLED) - {"alert", "markdown"}
    | frozenset(UNMODELLED) - {"plan", "task_card", "context_actions", "file"},
}
