"""Looks in Slack for a message that was sent and never answered, by the name it carries as metadata."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.release.records import DueCard
from bot.slack.outbox import Spot
from bot.slack.views.blocks import Card

# Slack's clock and ours may differ, and the note is made before the call.
SKEW = timedelta(minutes=2)
PAGE = 200
MOST_PAGES = 10


def find_standing(
    client: WebClient, due: DueCard, card: Card, spot: Spot
) -> tuple[str, str] | None:
    """Return channel and timestamp of the message, None where it was not posted.

    Needs the history scope of the channel's kind, and `im:write` for a direct message's channel.
    """
    assert due.unsure_since is not None
    channel = spot.channel
    if channel[:1] in {"U", "W"}:
        channel = str(client.conversations_open(users=channel)["channel"]["id"])
    for message in _messages(client, channel, spot.thread, due.unsure_since - SKEW):
        if _is(message, due.card, card):
            return channel, _stamp(message, card)
    return None


def _messages(
    client: WebClient, channel: str, thread: str | None, since: datetime
) -> Iterator[dict[str, Any]]:
    cursor = ""
    oldest = f"{since.timestamp():.6f}"
    for _ in range(MOST_PAGES):
        page: dict[str, Any] = {
            "channel": channel,
            "oldest": oldest,
            "limit": PAGE,
            "include_all_metadata": True,
            **({"cursor": cursor} if cursor else {}),
        }
        told = (
            client.conversations_history(**page)
            if thread is None
            else client.conversations_replies(ts=thread, **page)
        )
        yield from told["messages"]
        cursor = (told.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def _is(message: dict[str, Any], name: str, card: Card) -> bool:
    if card.files:
        # An upload carries no metadata; its first file's name says which one it is.
        files = message.get("files") or ()
        return any(card.files[0].name in (file.get("name"), file.get("title")) for file in files)
    metadata = message.get("metadata") or {}
    return bool(metadata.get("event_payload", {}).get("card") == name)


def _stamp(message: dict[str, Any], card: Card) -> str:
    return str(message["files"][0]["id"] if card.files else message["ts"])
