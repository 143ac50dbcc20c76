"""What of a drawn message a test looks at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.slack.validate import message_problems, view_problems
from bot.slack.views.blocks import Card

LARGEST = 13_200


def texts(blocks: Any) -> list[str]:
    """Return every text of the blocks, in order."""
    return [value for name, value in _walk(blocks) if name == "text" and isinstance(value, str)]


def parsed_texts(blocks: Any) -> list[str]:
    """Return the texts that Slack parses as mrkdwn."""
    return [value["text"] for value in _dicts(blocks) if value.get("type") == "mrkdwn"]


def buttons(card: Card) -> list[list[str]]:
    """Return the labels of the buttons, row by row; a danger or primary one is marked."""
    marks = {"danger": "!", "primary": "*", None: ""}
    return [
        [marks[button.get("style")] + button["text"]["text"] for button in block["elements"]]
        for block in card.blocks
        if block["type"] == "actions"
    ]


def button(card: Card, label: str) -> dict[str, Any]:
    """Return the button of that label."""
    return next(
        element
        for block in card.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["text"]["text"] == label
    )


def check_card(card: Card) -> None:
    """Assert that Slack would take the message, by three judges."""
    blocks = list(card.blocks)
    assert message_problems(blocks) == []
    for block in blocks:
        model = Block.parse(block)
        assert model is not None, block
        model.validate_json()
    assert 0 < len(blocks) <= 50
    assert 0 < len(card.text) <= 300
    assert len(json.dumps(blocks)) <= LARGEST
    for row in buttons(card):
        assert len(row) <= 3
        assert "!" not in "".join(row) or len(row) == 1
        assert sum(label.startswith("*") for label in row) <= 1
    labels = [label.lstrip("!*") for row in buttons(card) for label in row]
    assert all(len(label) <= 24 for label in labels)


def check_view(view: dict[str, Any], surface: str) -> None:
    """Assert that Slack would show the view."""
    assert view_problems(view, surface=surface) == []
    View(**view).validate_json()


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, part
            yield from _walk(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _walk(part)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _dicts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _dicts(part)
