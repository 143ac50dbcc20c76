"""The body of a request of Slack, read once and with suspicion: what is not of Slack's making is malformed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from bot.slack.shapes import is_shaped

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
DEEPEST = 40
MOST_FIELDS = 100
# NUL, which no text of a person holds and PostgreSQL refuses, and halves of a character pair.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Malformed(Exception):
    """A body that Slack never sends."""


def read_payload(body: str, content_type: str) -> dict[str, Any]:
    """Return the payload in a body; raise Malformed for all that is not one of Slack's shapes.

    A form holds the fields of a slash command, or one field `payload` with JSON; events are JSON themselves.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        payload = _read_json(body)
    elif kind == FORM:
        payload = _read_form(body)
    else:
        raise Malformed("a content type that Slack does not use")
    for text in _texts(payload):
        if UNSTORABLE.search(text):
            raise Malformed("characters that no text holds")
    if not is_shaped(payload):
        raise Malformed("no payload of Slack's")
    return payload


def _read_form(body: str) -> dict[str, Any]:
    try:
        fields = parse_qsl(
            body,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:  # UnicodeDecodeError is one too
        raise Malformed("no form") from error
    names = [name for name, _ in fields]
    if len(set(names)) != len(names):
        raise Malformed("a field that stands twice")
    found = dict(fields)
    if names == ["payload"]:
        return _read_json(found["payload"])
    if "payload" in found or "type" in found:
        raise Malformed("a form that is half a payload")
    return found


def _read_json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    if not isinstance(found, dict):
        raise Malformed("JSON that is no object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; a name that stands twice means one thing here and another thing elsewhere."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a name that stands twice")
    return found


def _no_number(name: str) -> float:
    raise Malformed(f"{name}, which JSON does not have")


def _texts(payload: Any) -> Iterator[str]:
    """Give every text of a payload, names included; raise Malformed where it is too deep."""
    waiting = [(payload, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Malformed("too deep")
        match value:
            case str():
                yield value
            case dict():
                yield from value
                waiting += [(inner, depth + 1) for inner in value.values()]
            case list():
                waiting += [(inner, depth + 1) for inner in value]
