"""Cards that people press."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, DEV
from tests.sandbox.workspaces import client_of


def post(slack: SandboxSlack, *blocks: dict[str, Any], **more: Any) -> str:
    """Post a card and return its ts."""
    client = client_of(slack)
    return str(
        client.chat_postMessage(channel=CHANNEL, text="A card", blocks=list(blocks), **more)["ts"]
    )


def press(slack: SandboxSlack, ts: str, action_id: str, **more: Any) -> dict[str, Any]:
    """Press in the block `row` of a card."""
    person = more.pop("person", DEV)
    place = {"channel": CHANNEL, "ts": ts, "block_id": "row", "action_id": action_id}
    return slack.act(person, do="press", **{**place, **more})
