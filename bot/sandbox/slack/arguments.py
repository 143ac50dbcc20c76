"""The arguments of one API call, whether they came as form, as JSON or in the address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from bot.sandbox.slack.refused import SlackError


class Arguments:
    """Arguments by name; in forms numbers, flags and objects are strings, here they are read."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    def __contains__(self, name: str) -> bool:
        """Say whether the argument was sent, even if empty."""
        return self.given.get(name) is not None

    def word(self, name: str) -> str:
        """Return the argument as text, empty when it was not sent."""
        value = self.given.get(name)
        return "" if value is None else str(value)

    def needed(self, name: str) -> str:
        """Return the argument as text; refuse with invalid_arguments when it is missing."""
        value = self.word(name)
        if not value:
            raise SlackError(
                "invalid_arguments", messages=[f"[ERROR] missing required field: {name}"]
            )
        return value

    def flag(self, name: str) -> bool:
        """Return the argument as yes or no; not sent means no."""
        return self.word(name).lower() in {"1", "true", "yes", "on"}

    def number(self, name: str, default: int) -> int:
        """Return the argument as a whole number, or `default` when it was not sent."""
        word = self.word(name) or str(default)
        if not word.lstrip("-").isdigit():
            raise SlackError(
                "invalid_arguments", messages=[f"[ERROR] must be an integer [json-pointer:/{name}]"]
            )
        return int(word)

    def parsed(self, name: str, *, broken: str) -> Any:
        """Return the argument as JSON value, None when not sent; refuse bad JSON with `broken`."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(broken) from None


def read_body(content_type: str, body: bytes, query: str) -> dict[str, Any]:
    """Return what was sent, body over query; refuse what Slack cannot read.

    Shapes: application/json with an object, or application/x-www-form-urlencoded.
    """
    given: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return given
    if content_type.startswith("application/json"):
        try:
            sent = json.loads(body)
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(sent, dict):
            raise SlackError("json_not_object")
        return given | sent
    if not content_type.startswith("application/x-www-form-urlencoded"):
        raise SlackError("invalid_post_type")
    try:
        return given | dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        raise SlackError("invalid_form_data") from None
