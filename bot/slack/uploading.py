"""Puts a notice's files into Slack: address, content, then the message that shows them."""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError

from bot.slack.outbox import Spot
from bot.slack.views.blocks import Card


def upload(client: WebClient, card: Card, spot: Spot) -> str:
    """Upload the card's files in one message and return the first one's id; raise OSError where that fails."""
    uploads = [
        {"filename": file.name, "title": file.name, "content": file.content} for file in card.files
    ]
    try:
        sent = client.files_upload_v2(
            channel=spot.channel,
            thread_ts=spot.thread,
            initial_comment=card.text,
            file_uploads=uploads,
        )
    except SlackRequestError as error:
        raise OSError(f"the upload broke off: {error}") from error
    files = sent.get("files") or []
    return str(files[0]["id"]) if files else "none"
