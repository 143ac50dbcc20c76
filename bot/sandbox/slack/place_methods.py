"""The conversations.*, reactions.* and pins.* methods."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import described
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.method import (
    Method,
    channel_kind,
    need_scope,
    open_channel,
    visible_channel,
)
from bot.sandbox.slack.rates import TIER_2, TIER_3
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.workspace import Channel

KINDS = ("channels", "groups", "im")
PAGE = 1_000


def open_conversation(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the direct message channel with one person."""
    people = [word for word in arguments.needed("users").split(",") if word]
    channel = store.direct(people[0]) if len(people) == 1 else None
    if channel is None:
        raise SlackError("user_not_found")
    shown = {"id": channel.id}
    return {"channel": _channel_described(channel) if arguments.flag("return_im") else shown}


def info(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return one conversation; needs the read scope of its kind."""
    channel = visible_channel(store, arguments.word("channel"))
    need_scope(store, f"{channel_kind(channel)}:read")
    return {"channel": _channel_described(channel)}


def _channel_described(channel: Channel) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": channel.id,
        "is_channel": channel.person is None,
        "is_im": channel.person is not None,
        "is_private": channel.is_private or channel.person is not None,
        "is_archived": channel.is_archived,
    }
    if channel.person is not None:
        return shown | {"user": channel.person}
    return shown | {
        "name": channel.name,
        "is_member": channel.bot_is_member,
        "topic": {"value": channel.topic},
    }


def history(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return a channel's messages outside threads, newest first, in pages of `limit`."""
    channel = _readable(store, arguments)
    seen = [
        one
        for one in store.messages.public_of(channel.id)
        if one.thread_ts is None or one.broadcast
    ]
    return _page(store, arguments, _since(arguments, seen)[::-1])


def _readable(store: Store, arguments: Arguments) -> Channel:
    channel = visible_channel(store, arguments.word("channel"))
    need_scope(store, f"{channel_kind(channel)}:history")
    if not channel.bot_is_member:
        raise SlackError("not_in_channel")
    return channel


def _since(arguments: Arguments, messages: list[Message]) -> list[Message]:
    """Return the messages after `oldest`, in their order."""
    oldest = arguments.word("oldest") or "0"
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,6})?", oldest):
        raise SlackError("invalid_ts_oldest")
    return [one for one in messages if Decimal(one.ts) > Decimal(oldest)]


def replies(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return a thread, root first, in pages of `limit`; `ts` may be any message of it."""
    channel = _readable(store, arguments)
    found = store.messages.public(channel.id, arguments.needed("ts"))
    root = found and store.messages.public(channel.id, found.thread_ts or found.ts)
    if not root:
        raise SlackError("thread_not_found")
    thread = [root, *_since(arguments, store.messages.replies(channel.id, root.ts))]
    return _page(store, arguments, thread)


def _page(store: Store, arguments: Arguments, thread: list[Message]) -> dict[str, Any]:
    start = arguments.number("cursor", 0)
    end = start + arguments.number("limit", PAGE)
    metadata = arguments.flag("include_all_metadata")
    return {
        "messages": [described(store, one, metadata=metadata) for one in thread[start:end]],
        "has_more": end < len(thread),
        "response_metadata": {"next_cursor": str(end) if end < len(thread) else ""},
    }


def _target(store: Store, arguments: Arguments) -> Message:
    channel = open_channel(store, arguments.word("channel"))
    message = store.messages.public(channel.id, arguments.needed("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    return message


def add_reaction(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Put an emoji of the bot under a message."""
    message = _target(store, arguments)
    name = arguments.needed("name").strip(":")
    if not name.replace("_", "").replace("-", "").replace("+", "").isalnum():
        raise SlackError("invalid_name")
    mark = (name, store.workspace.bot.id)
    if mark in message.reactions:
        raise SlackError("already_reacted")
    store.post(replace(message, reactions=(*message.reactions, mark)))
    return {}


def add_pin(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Pin a message to its channel."""
    message = _target(store, arguments)
    if message.pinned:
        raise SlackError("already_pinned")
    store.post(replace(message, pinned=True))
    return {}


METHODS = (
    Method(
        name="conversations.open",
        run=open_conversation,
        rate=TIER_3,
        scopes=("im:write", "mpim:write", "channels:manage", "groups:write"),
    ),
    Method(
        name="conversations.info",
        run=info,
        rate=TIER_3,
        scopes=tuple(f"{kind}:read" for kind in KINDS),
    ),
    Method(
        name="conversations.history",
        run=history,
        rate=TIER_3,
        scopes=tuple(f"{kind}:history" for kind in KINDS),
    ),
    Method(
        name="conversations.replies",
        run=replies,
        rate=TIER_3,
        scopes=tuple(f"{kind}:history" for kind in KINDS),
    ),
    Method(name="reactions.add", run=add_reaction, rate=TIER_3, scopes=("reactions:write",)),
    Method(name="pins.add", run=add_pin, rate=TIER_2, scopes=("pins:write",)),
)
