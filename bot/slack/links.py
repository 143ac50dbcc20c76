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
    if root is None:
        return None
    try:
        told = client.chat_getPermalink(channel=root[0], message_ts=root[1])
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("no link to R-%s: %s", release, error)
        return None
    return str(told["permalink"])
