"""After a press that came too late, the card that was pressed is drawn as it is now."""

from __future__ import annotations

import logging
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.refusal import Code, Refusal
from bot.slack.deciding import Behind
from bot.slack.hearing import Heard
from bot.slack.links import thread_link
from bot.slack.sending import content, fitting
from bot.slack.views import draw

log = logging.getLogger(__name__)

TOO_LATE = frozenset({Code.MOVED_ON, Code.NOT_NOW, Code.ALREADY_ASKED})


def redraw(client: WebClient, behind: Behind, heard: Heard, refusal: Refusal) -> None:
    """Draw the pressed card from the ledger at once; nothing where the press was no late one, or no card of ours."""
    if heard.message is None or refusal.code not in TOO_LATE:
        return
    channel, ts = heard.message
    ledger = behind.ledger
    name = ledger.card_at(channel, ts)
    if name is None:
        return
    card = draw(
        name,
        ledger,
        behind.catalog,
        behind.people.name_of,
        lambda release: thread_link(client, ledger.message, release),
    )
    if card is None or card.gone or card.files:
        return
    try:
        client.chat_update(channel=channel, ts=ts, **content(fitting(card)))
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("%s was not drawn for a late press: %s", name, error)
