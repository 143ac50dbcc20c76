"""Modals before Dana."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, DEV
from tests.sandbox.raw_app import RawApp
from tests.sandbox.workspaces import client_of


def trigger(slack: SandboxSlack, app: RawApp) -> str:
    """Return a fresh trigger_id of Dana's."""
    slack.act(DEV, do="command", channel=CHANNEL, text="/cache-release start")
    return str(app.payloads[-1]["trigger_id"])


def opened(slack: SandboxSlack, app: RawApp, view: dict[str, Any]) -> dict[str, Any]:
    """Open a view before Dana and return it as the app sees it."""
    answer = client_of(slack).views_open(trigger_id=trigger(slack, app), view=view)
    shown = answer["view"]
    assert isinstance(shown, dict)
    return shown


def submitted(slack: SandboxSlack, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Send a form of text fields."""
    sent = {name: {name: {"value": value}} for name, value in values.items()}
    return slack.act(DEV, do="submit", view_id=view["id"], values=sent)


def shown_modal(slack: SandboxSlack) -> dict[str, Any]:
    """Return the modal that Dana sees."""
    found = slack.state(DEV)["modal"]
    assert isinstance(found, dict)
    return found
