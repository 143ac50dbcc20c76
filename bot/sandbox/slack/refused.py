"""How the sandbox says no: to the app with Slack's error codes, to a person with a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class SlackError(Exception):
    """An API call that Slack refuses; `code` is Slack's error string.

    `messages` go to `response_metadata.messages`, `extra` into the answer itself.
    """

    def __init__(
        self, code: str, *, messages: Sequence[str] = (), extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = tuple(messages)
        self.extra = dict(extra or {})

    def answer(self) -> dict[str, Any]:
        """Return the JSON body that Slack would send."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["response_metadata"] = {"messages": list(self.messages)}
        return body


class CannotAct(Exception):
    """Something a person cannot do on the page; the text is the sentence that person reads."""
