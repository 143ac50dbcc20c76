"""Answers that only the one who asked sees, by whichever way is open."""

from __future__ import annotations

import logging
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.commands import Said
from bot.slack.forms import Place
from bot.slack.views.answer import said_card
from bot.slack.views.blocks import Card

log = logging.getLogger(__name__)

TIMEOUT_S = 5


def say(client: WebClient, user: str, place: Place, card: Card) -> None:
    """Answer in the thread, by the payload's own address, or as a direct message; the log has it if none works."""
    ways = (_in_thread, _by_url, _in_channel, _directly)
    for way in ways:
        try:
            if way(client, user, place, card):
                return
        except (SlackApiError, OSError, HTTPException) as error:
            log.warning("could not answer %s by %s: %s", user, way.__name__, _short(error))
    log.error("%s was not told: %s", user, card.text)


def _in_thread(client: WebClient, user: str, place: Place, card: Card) -> bool:
    if place.channel is None or place.thread is None:
        return False
    client.chat_postEphemeral(
        channel=place.channel,
        user=user,
        thread_ts=place.thread,
        text=card.text,
        blocks=list(card.blocks),
    )
    return True


def _by_url(client: WebClient, user: str, place: Place, card: Card) -> bool:
    if place.url is None:
        return False
    told = WebhookClient(place.url, timeout=TIMEOUT_S).send(
        text=card.text,
        blocks=list(card.blocks),
        response_type="ephemeral",
        replace_original=False,
        unfurl_links=False,
        unfurl_media=False,
    )
    if told.status_code != 200:
        raise OSError(f"status {told.status_code}")
    return True


def _in_channel(client: WebClient, user: str, place: Place, card: Card) -> bool:
    if place.channel is None or place.thread is not None:
        return False
    client.chat_postEphemeral(
        channel=place.channel, user=user, text=card.text, blocks=list(card.blocks)
    )
    return True


def _directly(client: WebClient, user: str, place: Place, card: Card) -> bool:
    client.chat_postMessage(
        channel=user,
        text=card.text,
        blocks=list(card.blocks),
        unfurl_links=False,
        unfurl_media=False,
    )
    return True


def _short(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return str(error.response.get("error"))
    return f"{type(error).__name__}: {error}"


def answer_said(client: WebClient, user: str, place: Place, said: Said) -> None:
    """Tell the answer, except to someone in the thread, or at another card of ours, who sees it there anyway."""
    if not (said.on_card and (place.thread is not None or place.at_card)):
        say(client, user, place, said_card(said))
