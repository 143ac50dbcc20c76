"""What a pressed button says: ids and what was seen; never who may do what."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.release.refusal import Code, Refusal
from bot.slack.views.blocks import CARD_VERSION, Press

VERB = re.compile(r"^[a-z][a-z-]{0,30}$")
BIGGEST = 2**31


def read_press(value: str) -> Press:
    """Return what a button of ours asks for; kindly refuse one that another version of the bot drew."""
    try:
        row = json.loads(value)
    except ValueError:
        row = None
    if not isinstance(row, dict) or row.get("v") != CARD_VERSION:
        raise _stale()
    verb, fields = row.get("verb"), row.get("fields", {})
    if not isinstance(verb, str) or not VERB.match(verb) or not _is_text(fields):
        raise _stale()
    return Press(
        verb=verb,
        release=_number(row.get("release")),
        step=_number(row.get("step")),
        seen=_number(row.get("seen")),
        fields=fields,
    )


def _is_text(fields: Any) -> bool:
    return isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())


def _number(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < BIGGEST:
        return value
    raise _stale()


def _stale() -> Refusal:
    return Refusal(
        code=Code.MOVED_ON,
        failed="This button was drawn by another version of the bot. Nothing was changed.",
        expected="a press on the newest card, or `/cache-release status`.",
        retry_is_safe=True,
    )
