"""Small blocks for tests."""

from __future__ import annotations

from typing import Any


def plain(text: str) -> dict[str, Any]:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    """Return a mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **more: Any) -> dict[str, Any]:
    """Return a section."""
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str = "Press", **more: Any) -> dict[str, Any]:
    """Return a button."""
    return {"type": "button", "text": plain(text), **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an actions block."""
    return {"type": "actions", "elements": list(elements), **more}


def option(value: str) -> dict[str, Any]:
    """Return an option whose text is its value."""
    return {"text": plain(value), "value": value}


def select(*values: str, **more: Any) -> dict[str, Any]:
    """Return a static select."""
    return {"type": "static_select", "options": [option(value) for value in values], **more}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an input block."""
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def text_field(action_id: str, **more: Any) -> dict[str, Any]:
    """Return an input block with one line of text, of which the ids are the same."""
    element = {"type": "plain_text_input", "action_id": action_id}
    return field(element, block_id=action_id, **more)


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a modal that can be submitted."""
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Title"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


def home(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Return an App Home."""
    return {"type": "home", "blocks": list(blocks)}


def chart(
    *,
    kind: str = "line",
    title: str = "Response time",
    names: tuple[str, ...] = ("before", "after"),
    categories: tuple[str, ...] = ("p50", "p95"),
    labels: tuple[str, ...] | None = None,
    value: float = 12.5,
    **axis: str,
) -> dict[str, Any]:
    """Return a chart with the same value everywhere; `labels` are the points', where they are not the categories."""
    points = [{"label": label, "value": value} for label in labels or categories]
    return {
        "type": "data_visualization",
        "title": title,
        "chart": {
            "type": kind,
            "series": [{"name": name, "data": points} for name in names],
            "axis_config": {"categories": list(categories), **axis},
        },
    }
