"""How people are recognised: at a click, before an effect, by their second factor, and where they live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from slack_sdk import WebClient

from bot.effects.ledger.signing import derived_key
from bot.effects.pagerduty_oncall import oncall_reader
from bot.effects.snapshots.key import encryption_key, snapshot_key
from bot.effects.totp import TotpCodes
from bot.release.catalog import Catalog
from bot.release.membership import Membership, Memberships
from bot.release.people import Person
from bot.release.proving import StepUp
from bot.release.reminder_times import ReminderPlan
from bot.settings import Settings
from bot.slack.door import listening_client
from bot.slack.people import People
from bot.slack.team import workspace_of
from bot.slack.zones import Zones
from bot.work.parts import by_the_catalog

Now = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """Who finds people at a click; `who` looks one up just before an effect, `members` says who is in a group."""

    people: People
    who: Callable[[str], Person]
    members: Callable[[str], Membership]
    reminders: ReminderPlan
    step_up: StepUp | None


def recognise(settings: Settings, catalog: Catalog, now: Now, copies: Memberships) -> Recognised:
    """Return how this process recognises people; all of it shares one memory of who somebody is."""
    people = people_of(settings, catalog, now, copies)
    return Recognised(
        people=people,
        who=at_the_effect(settings, people),
        members=members_of(settings, people),
        reminders=reminder_plan(settings, people, now),
        step_up=step_up_of(settings),
    )


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


def reminder_plan(settings: Settings, people: People, now: Now) -> ReminderPlan:
    """Return how people are reminded; a process without Slack's token knows neither zones nor groups."""
    plan = ReminderPlan(approval_h=settings.approval_h, hours=settings.working_hours)
    if settings.slack_bot_token is None:
        return plan
    client = listening_client(slack_token(settings), settings.slack_api_base_url)
    return replace(plan, zone_of=Zones(client, now).zone_of, members=people.members_of)


def step_up_of(settings: Settings) -> StepUp | None:
    """Return how purges in production ask for a second factor, None where they do not."""
    if settings.step_up_key is None:
        return None
    codes = TotpCodes(encryption_key(settings.step_up_key.get_secret_value()))
    return StepUp(codes=codes, grace=timedelta(minutes=settings.step_up_grace_min))


def slack_token(settings: Settings) -> str:
    """Return the bot's token, empty where there is none."""
    token = settings.slack_bot_token
    return "" if token is None else token.get_secret_value()


def signing_secret(settings: Settings) -> str:
    """Return what Slack signs its requests with, empty where there is none."""
    secret = settings.slack_signing_secret
    return "" if secret is None else secret.get_secret_value()


def audit_key(settings: Settings) -> bytes:
    """Return what signs the audit's anchors and stones."""
    given, other = settings.audit_hmac_key, settings.snapshot_hmac_key
    if given is not None:
        return given.get_secret_value().encode()
    folder = Path(settings.snapshot_url.removeprefix("file://"))
    return derived_key(snapshot_key(folder, None if other is None else other.get_secret_value()))
