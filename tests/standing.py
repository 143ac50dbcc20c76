"""What stands in the sandbox Slack, read as anybody may who has the app's token."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack


def posted(slack: SandboxSlack) -> list[tuple[str, dict[str, Any]]]:
    """Return every message of the bot in channels, threads and direct messages, with the card's name it carries."""
    client = WebClient(token=slack.workspace.bot_token, base_url=slack.api_url)
    direct = [f"D{person.id[1:]}" for person in slack.workspace.people]
    found = []
    channels = [channel.id for channel in slack.workspace.channels if channel.bot_is_member]
    for channel in (*channels, *direct):
        roots = client.conversations_history(
            channel=channel, include_all_metadata=True, limit=1000
        )["messages"]
        for root in roots:
            if root.get("thread_ts", root["ts"]) != root["ts"]:
                continue  # sent to the channel as well: its thread has it
            thread = client.conversations_replies(
                channel=channel, ts=root["ts"], include_all_metadata=True, limit=1000
            )["messages"]
            found += [(card_of(message), message) for message in thread]
    return [(card, message) for card, message in found if card]


def card_of(message: dict[str, Any]) -> str:
    """Return the name of the card that a message draws, "" for a person's message."""
    payload = (message.get("metadata") or {}).get("event_payload", {})
    return str(payload.get("card", ""))
