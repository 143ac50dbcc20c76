"""How people are recognised: just before an effect, by their second factor, and where they live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.effects.ledger.signing import derived_key
from bot.effects.snapshots.key import encryption_key, snapshot_key
from bot.effects.totp import TotpCodes
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.proving import StepUp
from bot.release.reminder_times import ReminderPlan
from bot.settings import Settings
from bot.slack.door import listening_client
from bot.slack.people import People
from bot.slack.zones import Zones
from bot.work.parts import by_the_catalog


def at_the_effect(
    settings: Settings, catalog: Catalog, now: Callable[[], datetime]
) -> Callable[[str], Person]:
    """Return what looks a person up; a process without Slack's token knows the catalog alone."""
    if settings.slack_bot_token is None:
        return by_the_catalog
    client = listening_client(slack_token(settings), settings.slack_api_base_url)
    return People(client, catalog, now).still


def reminder_plan(
    settings: Settings, catalog: Catalog, now: Callable[[], datetime]
) -> ReminderPlan:
    """Return how people are reminded; a process without Slack's token knows neither zones nor groups."""
    plan = ReminderPlan(approval_h=settings.approval_h, hours=settings.working_hours)
    if settings.slack_bot_token is None:
        return plan
    client = listening_client(slack_token(settings), settings.slack_api_base_url)
    zones, people = Zones(client, now), People(client, catalog, now)
    return replace(plan, zone_of=zones.zone_of, members=people.members_of)


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
