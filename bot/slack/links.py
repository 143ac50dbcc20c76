"""Links to a release's thread; without one an answer is still an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

log = logging.getLogger(__name__)

Where = Callable[[str], tuple[str, str] | None]


def thread_link(client: WebClient, where: Where, release: int | None) -> str | None:
    """Return the address of the release's root card; None where it is not posted, or Slack does not say."""
    root = None if release is None else where(f"root:{release}")
    return None if root is None else message_link(client, *root)


def message_link(client: WebClient, channel: str, ts: str) -> str | None:
    """Return the address of a message; None where Slack does not say."""
    try:
        told = client.chat_getPermalink(channel=channel, message_ts=ts)
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("no link to the message %s of %s: %s", ts, channel, error)
        return None
    return str(told["permalink"])
