"""The shapes of Slack's payloads, as far as the listeners read them; anything else is turned away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from bot.slack.shape_parts import (
    Action,
    AnyEvent,
    Authorization,
    Dialog,
    Id,
    Mentioned,
    Message,
    Named,
    Opened,
    Shape,
    Short,
    Text,
    View,
)


class Command(Shape):
    """A slash command (Slack: "Enabling interactivity with Slash Commands")."""

    command: Short
    user_id: Id
    channel_id: Id | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None
    text: Text | None = None
    trigger_id: Short | None = None
    response_url: Text | None = None


class _Interaction(Shape):
    user: Named
    team: Named | None = None
    enterprise: Named | None = None
    trigger_id: Short | None = None
    response_url: Text | None = None


class Press(_Interaction):
    """A press on a button, or a choice in a card."""

    type: Literal["block_actions"]
    actions: list[Action] = Field(min_length=1, max_length=100)
    channel: Named | None = None
    message: Message | None = None
    view: View | None = None


class Submission(_Interaction):
    """A dialog that was sent."""

    type: Literal["view_submission"]
    view: Dialog


class Closed(_Interaction):
    """A dialog that was closed."""

    type: Literal["view_closed"]
    view: View


class Shortcut(_Interaction):
    """A message shortcut."""

    type: Literal["message_action"]
    callback_id: Short
    channel: Named
    message: Message


class _Delivered(Shape):
    type: Literal["event_callback"]
    event_id: Id | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None
    authorizations: list[Authorization] = Field(default=[])
    is_ext_shared_channel: bool = False


class Event(_Delivered):
    """An event of the Events API."""

    event: AnyEvent


class Mention(_Delivered):
    """Somebody mentioned the bot."""

    event: Mentioned


class OpenedHome(_Delivered):
    """Somebody opened the home tab."""

    event: Opened


class Challenge(Shape):
    """Slack asks whether the address is ours."""

    type: Literal["url_verification"]
    challenge: Short


class CertificateCheck(Shape):
    """Slack looks at our certificate."""

    ssl_check: Literal["1"]


EVENTS: Mapping[str, type[Shape]] = {"app_mention": Mention, "app_home_opened": OpenedHome}
TYPED: Mapping[str, type[Shape]] = {
    "block_actions": Press,
    "view_submission": Submission,
    "view_closed": Closed,
    "message_action": Shortcut,
    "event_callback": Event,
    "url_verification": Challenge,
}


def is_shaped(payload: Mapping[str, Any]) -> bool:
    """Return whether a payload is one that Slack sends us, with every part where the listeners look for it."""
    shape = _shape_of(payload)
    if shape is None:
        return False
    try:
        shape.model_validate(payload)
    except ValidationError:
        return False
    return True


def _shape_of(payload: Mapping[str, Any]) -> type[Shape] | None:
    kind = payload.get("type")
    if "command" in payload and kind is None:
        return Command
    if "ssl_check" in payload and kind is None:
        return CertificateCheck
    found = TYPED.get(kind) if isinstance(kind, str) else None
    event = payload.get("event")
    if found is Event and isinstance(event, dict):
        return EVENTS.get(str(event.get("type")), Event)
    return found
