"""A person in the sandbox Slack: types, waits for a message, presses its button."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.slack.server import SandboxSlack

CHANNEL = "C01REL"


def wait_for(what: str, look: Callable[[], Any], *, seconds: float = 30.0) -> Any:
    """Return the first truthy answer of `look`; raise with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come in {seconds:.0f} s")


class SlackPerson:
    """One person at one sandbox."""

    def __init__(self, slack: SandboxSlack, user: str) -> None:
        self._slack = slack
        self._user = user

    def messages(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """Return what this person sees in the channel, threads included, oldest first."""
        messages: list[dict[str, Any]] = self._slack.state(self._user)["messages"][channel]
        return messages

    def types(self, text: str, *, channel: str = CHANNEL, thread: str | None = None) -> None:
        """Type a slash command or a message."""
        kind = "command" if text.startswith("/") else "message"
        answer = self._slack.act(self._user, do=kind, channel=channel, text=text, thread_ts=thread)
        assert answer["ok"], answer

    def sees(self, part: str, *, seconds: float = 30.0) -> dict[str, Any]:
        """Wait for a message whose drawn text holds the part."""

        def look() -> dict[str, Any] | None:
            return next((m for m in self.messages() if part in shown(m)), None)

        try:
            found: dict[str, Any] = wait_for(repr(part), look, seconds=seconds)
        except AssertionError as late:
            texts = "\n---\n".join(shown(message) for message in self.messages())
            raise AssertionError(f"{late}; seen:\n{texts}") from None
        return found

    def presses(self, label: str, *, on: str, seconds: float = 30.0) -> None:
        """Wait for a button of that label on a message that shows `on`, and press it."""

        def look() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]] | None:
            for message in self.messages():
                if on not in shown(message):
                    continue
                for block, element in buttons(message):
                    if element["text"]["text"] == label:
                        return message, block, element
            return None

        try:
            message, block, element = wait_for(f"{label!r} on {on!r}", look, seconds=seconds)
        except AssertionError as late:
            texts = "\n---\n".join(shown(message) for message in self.messages())
            raise AssertionError(f"{late}; seen:\n{texts}") from None
        answer = self._slack.act(
            self._user,
            do="press",
            channel=CHANNEL,
            ts=message["ts"],
            block_id=block["block_id"],
            action_id=element["action_id"],
            element={"type": "button", "value": element.get("value", "")},
        )
        assert answer["ok"], answer


def buttons(message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each button of a message with its block."""
    for block in message.get("blocks") or []:
        for element in block.get("elements", []):
            if element.get("type") == "button":
                yield block, element


def shown(message: dict[str, Any]) -> str:
    """Return every text a message draws."""
    found = [message.get("text") or ""]

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("text"), str):
                found.append(value["text"])
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(message.get("blocks") or [])
    return "\n".join(found)
