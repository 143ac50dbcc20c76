"""How people are recognised: at a click, just before an effect, and where somebody is to be called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from slack_sdk import WebClient

from bot.effects.pagerduty_oncall import oncall_reader
from bot.release.catalog import Catalog
from bot.release.membership import Membership, Memberships
from bot.release.people import Person
from bot.settings import Settings
from bot.slack.door import listening_client
from bot.slack.people import People
from bot.slack.team import workspace_of
from bot.work.parts import by_the_catalog

Now = Callable[[], datetime]


def people_of(
    settings: Settings,
    catalog: Catalog,
    now: Now,
    copies: Memberships,
    client: WebClient | None = None,
) -> People:
    """Return who finds people, by a client that waits for nothing unless another one is given."""
    asking = client or listening_client(slack_token(settings), settings.slack_api_base_url)
    emails = oncall_reader(settings.pagerduty_token, settings.pagerduty_api_base_url, now)
    team = workspace_of(asking, now)
    return People(asking, catalog, now, copies, team=team, emails=emails)


def at_the_effect(settings: Settings, people: People) -> Callable[[str], Person]:
    """Return what looks a person up; a process without Slack's token knows the catalog alone."""
    return by_the_catalog if settings.slack_bot_token is None else people.still


def members_of(settings: Settings, people: People) -> Callable[[str], Membership]:
    """Return what says who is in a group or on call; a process without Slack's token knows the last copy alone."""
    return people.known_members if settings.slack_bot_token is None else people.members_of


def slack_token(settings: Settings) -> str:
    """Return the bot's token, empty where there is none."""
    token = settings.slack_bot_token
    return "" if token is None else token.get_secret_value()


def signing_secret(settings: Settings) -> str:
    """Return what Slack signs its requests with, empty where there is none."""
    secret = settings.slack_signing_secret
    return "" if secret is None else secret.get_secret_value()
