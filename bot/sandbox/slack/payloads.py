"""What the app is sent for each thing that a person does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.content import described
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.modals import View
from bot.sandbox.slack.state import Store, new_id
from bot.sandbox.slack.view_methods import view_described
from bot.sandbox.slack.workspace import Channel, Person

TOKEN = "verification-token-that-nobody-uses"  # noqa: S105 # Slack still sends it; it guards nothing


def user(store: Store, person: Person) -> dict[str, Any]:
    """Return the person as interactions name them."""
    team_id = store.workspace.team.id
    return {"id": person.id, "username": person.name, "name": person.name, "team_id": team_id}


def _common(store: Store, kind: str, person: Person) -> dict[str, Any]:
    team = store.workspace.team
    return {
        "type": kind,
        "token": TOKEN,
        "api_app_id": store.workspace.bot.app_id,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": user(store, person),
    }


def channel_name(channel: Channel) -> str:
    """Return the name that payloads give to a channel."""
    return "directmessage" if channel.person is not None else channel.name


def _channel(channel: Channel) -> dict[str, str]:
    return {"id": channel.id, "name": channel_name(channel)}


def command(
    store: Store, person: Person, channel: Channel, *, name: str, text: str
) -> dict[str, Any]:
    """Return the payload of a slash command: flat, since over HTTP it is a form."""
    team = store.workspace.team
    return {
        "token": TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": store.workspace.bot.app_id,
        "is_enterprise_install": "false",
        "response_url": store.new_response_url(channel.id, person.id),
        "trigger_id": store.new_trigger(person.id),
    }


def pressed(element: Mapping[str, Any], block_id: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return one entry of `actions`: the element as it stands, and what was chosen in it."""
    kept = (
        "type",
        "action_id",
        "text",
        "value",
        "style",
        "placeholder",
        "confirm",
        "initial_value",
    )
    action = {name: element[name] for name in kept if name in element}
    return action | {"block_id": block_id, "action_ts": f"{time.time():.6f}", **chosen}


def message_actions(
    store: Store, person: Person, message: Message, action: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the payload of a press in a message; an ephemeral message is not in it."""
    channel = store.channels[message.channel]
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.reader is not None,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = _common(store, "block_actions", person) | {
        "container": container,
        "trigger_id": store.new_trigger(person.id),
        "channel": _channel(channel),
        "state": {"values": message.chosen},
        "response_url": store.new_response_url(channel.id, person.id, message.ts),
        "actions": [dict(action)],
    }
    if message.reader is None:
        payload["message"] = described(store, message)
    return payload


def view_actions(
    store: Store, person: Person, view: View, action: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the payload of a press in a modal or in App Home."""
    return _common(store, "block_actions", person) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": store.new_trigger(person.id),
        "view": view_described(store, view),
        "actions": [dict(action)],
    }


def submission(store: Store, person: Person, view: View) -> dict[str, Any]:
    """Return the payload of a form that is sent."""
    return _common(store, "view_submission", person) | {
        "trigger_id": store.new_trigger(person.id),
        "view": view_described(store, view),
        "response_urls": [],
    }


def closed(store: Store, person: Person, view: View, *, cleared: bool) -> dict[str, Any]:
    """Return the payload of a form that is closed without being sent."""
    view_shown = view_described(store, view)
    return _common(store, "view_closed", person) | {"view": view_shown, "is_cleared": cleared}


def shortcut(store: Store, person: Person, message: Message, callback_id: str) -> dict[str, Any]:
    """Return the payload of a message shortcut."""
    return _common(store, "message_action", person) | {
        "callback_id": callback_id,
        "trigger_id": store.new_trigger(person.id),
        "message_ts": message.ts,
        "action_ts": f"{time.time():.6f}",
        "channel": _channel(store.channels[message.channel]),
        "message": described(store, message),
        "response_url": store.new_response_url(message.channel, person.id, message.ts),
    }


def event(store: Store, inner: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of an event; `inner` is the event itself."""
    workspace = store.workspace
    return {
        "token": TOKEN,
        "team_id": workspace.team.id,
        "api_app_id": workspace.bot.app_id,
        "event": dict(inner),
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team.id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }
