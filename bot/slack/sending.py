"""What Slack's refusal of a message means: wait, post anew, draw it plainer, or give up."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import Enum, auto
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.views.blocks import Card, section
from bot.slack.views.chart import without_charts

TRANSPORT = (SlackApiError, OSError, HTTPException)
LARGEST = 12_500
LONGEST_WAIT_S = 60.0
UNKNOWN_WAIT_S = 30.0
# A call that was never answered may still take effect: not at once is it looked for, or made again.
SILENCE_S = 5.0

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})
NOT_THERE = frozenset({"message_not_found", "channel_not_found", "cant_delete_message"})
TOO_RICH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
PERMANENT = frozenset(
    {
        "channel_not_found",
        "ekm_access_denied",
        "invalid_metadata_format",
        "is_archived",
        "msg_too_long",
        "no_text",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
    }
)
MAYBE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
OPERATOR = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_authed", "token_revoked"}
)


class Next(Enum):
    """What to do with a message that was not taken."""

    WAIT = auto()
    RATE_LIMITED = auto()
    POST_ANEW = auto()
    THREAD_GONE = auto()
    PLAINER = auto()
    GIVE_UP = auto()


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a message was not taken; `wait_s` is how long to wait, where that helps.

    `away` says that Slack itself gave no answer: then the call may have worked all the same.
    """

    next: Next
    error: str
    wait_s: float = 0.0
    away: bool = False


def trouble_of(error: Exception, attempts: int) -> Trouble:
    """Return what an error of Slack's client means after so many failed attempts."""
    if not isinstance(error, SlackApiError):
        silent_s = SILENCE_S if isinstance(error, TimeoutError) else 0.0
        wait_s = max(silent_s, backoff(attempts))
        return Trouble(next=Next.WAIT, error=_name(error), wait_s=wait_s, away=True)
    name = str(error.response.get("error") or "unknown")[:200]
    status = getattr(error.response, "status_code", 200)
    if status == 429 or name in {"ratelimited", "rate_limited"}:
        return Trouble(next=Next.RATE_LIMITED, error=name, wait_s=_retry_after(error))
    if status >= 500 or name in MAYBE:
        said = name if name in MAYBE else f"Slack answered {status}"
        return Trouble(next=Next.WAIT, error=said, wait_s=backoff(attempts), away=True)
    if name == "thread_not_found":
        return Trouble(next=Next.THREAD_GONE, error=name)
    if name in GONE:
        return Trouble(next=Next.POST_ANEW, error=name)
    if name in TOO_RICH:
        return Trouble(next=Next.PLAINER, error=name)
    if name in PERMANENT:
        return Trouble(next=Next.GIVE_UP, error=_hint(name))
    if name in OPERATOR:
        return Trouble(next=Next.WAIT, error=name, wait_s=LONGEST_WAIT_S)
    return Trouble(next=Next.WAIT, error=name, wait_s=backoff(attempts))


def backoff(attempts: int) -> float:
    """Return 1, 2, 4 and so on to 60 seconds."""
    return min(LONGEST_WAIT_S, 2.0 ** min(attempts, 10))


def content(card: Card) -> dict[str, Any]:
    """Return what a message is posted or edited with; both always carry text and blocks."""
    return {"text": card.text, "blocks": list(card.blocks)}


def digest_of(card: Card) -> str:
    """Return the SHA-256 of what a message shows, in hex: the same is not sent twice."""
    drawn = json.dumps(content(card), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(drawn.encode()).hexdigest()


def plainer(card: Card) -> Card:
    """Return the card's sentence with its buttons, for a Slack that does not take its blocks."""
    buttons = [block for block in card.blocks if block["type"] == "actions"]
    return Card(text=card.text, blocks=(section(card.text), *buttons))


def fitting(card: Card) -> Card:
    """Return the card, plainer where it is longer than Slack takes in all."""
    for shown in (card, without_charts(card)):
        if len(json.dumps(content(shown))) <= LARGEST:
            return shown
    return plainer(card)


def _retry_after(error: SlackApiError) -> float:
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    value = headers.get("retry-after", "")
    text = value[0] if isinstance(value, list) else str(value)
    return float(text) if text.isdecimal() else UNKNOWN_WAIT_S


def _hint(name: str) -> str:
    if name in {"not_in_channel", "channel_not_found"}:
        return f"{name}: in the channel, type /invite @cache-release"
    return name


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
