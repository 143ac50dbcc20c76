"""Publishes the home tab of one person."""

from __future__ import annotations

import logging
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.open_places import places_now
from bot.release.people import Person
from bot.release.refusal import Refusal
from bot.slack.deciding import Behind
from bot.slack.strangers import Team
from bot.slack.views.answer import refusal_text
from bot.slack.views.blocks import Block
from bot.slack.views.home import Around, home_view, told_home

log = logging.getLogger(__name__)

LAST = 20
MOST_LIVE = 50


def publish_home(client: WebClient, behind: Behind, user: str, team: Team) -> None:
    """Draw the home tab from the ledger; a stranger sees why it is empty."""
    try:
        view = _drawn(behind, behind.people.person(user, verb="status", team=team))
    except Refusal as refusal:
        view = told_home(refusal_text(refusal))
    try:
        client.views_publish(user_id=user, view=view)
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("the home tab of %s was not drawn: %s", user, error)


def _drawn(behind: Behind, who: Person) -> Block:
    ledger, catalog, at = behind.ledger, behind.catalog, behind.now()
    live = ledger.releases(live=True, limit=MOST_LIVE)
    recent = (row for row in ledger.releases(limit=LAST) if row not in live)
    stories = [ledger.story(row.id) for row in (*live, *recent)]
    around = Around(
        places=places_now(catalog, live, ledger.locks(), at),
        health=None if behind.health is None else behind.health(),
    )
    shown = [story for story in stories if story is not None]
    return home_view(shown, around, catalog, behind.people.name_of, who=who, at=at)
