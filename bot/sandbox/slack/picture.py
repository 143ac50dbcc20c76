"""The state of the sandbox as one person's page draws it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

from bot.sandbox.slack.content import counted
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.view_methods import view_described
from bot.sandbox.slack.workspace import Channel, Person


def picture(store: Store, person: Person) -> dict[str, Any]:
    """Return everything that this person sees; ephemerals, forms and notices of nobody else."""
    workspace = store.workspace
    seen = [c for c in store.channels.values() if c.person in {None, person.id}]
    modal, home = store.views.top(person.id), store.views.home(person.id)
    return {
        "me": person.id,
        "people": [_person(one) for one in workspace.people],
        "groups": [{"id": group.id, "handle": group.handle} for group in workspace.groups],
        "team": {"id": workspace.team.id, "name": workspace.team.name},
        "bot": {"id": workspace.bot.id, "name": workspace.bot.name},
        "channels": [_channel(channel) for channel in seen],
        "commands": [
            {name: command.get(name, "") for name in ("command", "description", "usage_hint")}
            for command in workspace.commands
        ],
        "shortcuts": [
            {"callback_id": shortcut["callback_id"], "name": shortcut["name"]}
            for shortcut in workspace.shortcuts
        ],
        "messages": {
            channel.id: _messages(store, store.messages.seen_by(channel.id, person.id))
            for channel in seen
        },
        "modal": modal
        and {
            "view": view_described(store, modal),
            "errors": dict(modal.errors),
            "busy": modal.busy,
        },
        "home": home and view_described(store, home),
        "notices": [
            {"id": notice.id, "text": notice.text, "level": notice.level}
            for notice in store.notices.get(person.id, {}).values()
        ],
        "links": [dict(link) for link in workspace.links],
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "note": person.note,
        "is_bot": False,
    }


def _channel(channel: Channel) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": channel.id, "name": channel.name, "topic": channel.topic}
    return shown | ({"im": True} if channel.person is not None else {})


def _messages(store: Store, seen: list[Message]) -> list[dict[str, Any]]:
    replies = Counter(one.thread_ts for one in seen if one.reader is None)
    return [_message(store, one, replies[one.ts]) for one in seen]


def _message(store: Store, message: Message, replies: int) -> dict[str, Any]:
    workspace = store.workspace
    person = workspace.person(message.user)
    return {
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "user": message.user,
        "name": person.real_name if person else workspace.bot.name,
        "is_bot": message.by_bot,
        "text": message.text,
        "blocks": list(message.blocks),
        "edited": message.edited_ts is not None,
        "ephemeral": message.reader is not None,
        "broadcast": message.broadcast,
        "reply_count": replies,
        "reactions": [{"name": one["name"], "count": one["count"]} for one in counted(message)],
        "pinned": message.pinned,
        "files": [
            {"name": file.title, "url": f"/files/{file.id}/{quote(file.name)}", "alt": file.alt}
            for file in (store.files[file_id] for file_id in message.files)
        ],
    }
