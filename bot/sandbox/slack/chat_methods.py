"""The chat.* methods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import content_of, described, metadata_of, with_warnings
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.method import Method, open_channel, visible_channel
from bot.sandbox.slack.rates import GENEROUS, POSTING, TIER_3, TIER_4
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store

WRITE = ("chat:write",)
PUBLIC = "chat:write.public"


def post_message(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Post to a channel, or to a person by user id; answers with channel, ts and message."""
    wanted = arguments.word("channel")
    direct = store.direct(wanted) if wanted.startswith("U") else None
    channel = open_channel(store, direct.id if direct else wanted, public_scope=PUBLIC)
    content = content_of(arguments, withheld=store.withheld)
    message = store.post(
        Message(
            channel=channel.id,
            ts=store.new_ts(),
            user=store.workspace.bot.id,
            text=content.text,
            by_bot=True,
            blocks=content.blocks,
            thread_ts=store.root(channel.id, arguments.word("thread_ts")),
            broadcast=arguments.flag("reply_broadcast"),
            metadata=metadata_of(arguments),
        )
    )
    shown = described(store, message, metadata=True)
    answer = {"channel": channel.id, "ts": message.ts, "message": shown}
    return with_warnings(answer, content.warnings)


def update(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Replace a message of the bot; text without blocks takes the blocks away."""
    channel = visible_channel(store, arguments.word("channel"))
    message = _own(store, channel.id, arguments.word("ts"), "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    content = content_of(arguments, most=limits.UPDATED_TEXT, withheld=store.withheld)
    message = store.post(
        replace(
            message,
            text=content.text,
            blocks=content.blocks,
            edited_ts=message.edited_ts if content.blocks else store.new_ts(),
            broadcast=message.broadcast or arguments.flag("reply_broadcast"),
            metadata=metadata_of(arguments) or message.metadata,
            chosen={},
        )
    )
    shown = described(store, message, metadata=True)
    answer = {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}
    return with_warnings(answer, content.warnings)


def delete(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Delete a message of the bot."""
    channel = visible_channel(store, arguments.word("channel"))
    message = _own(store, channel.id, arguments.word("ts"), "cant_delete_message")
    store.messages.take_out(message)
    store.changed()
    return {"channel": channel.id, "ts": message.ts}


def _own(store: Store, channel: str, ts: str, foreign: str) -> Message:
    message = store.messages.public(channel, ts)
    if message is None:
        raise SlackError("message_not_found")
    if not message.by_bot:
        raise SlackError(foreign)
    return message


def post_ephemeral(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Show a message to one person of a channel."""
    channel = open_channel(store, arguments.word("channel"), public_scope=PUBLIC)
    reader = arguments.needed("user")
    if store.workspace.person(reader) is None or channel.person not in {None, reader}:
        raise SlackError("user_not_in_channel")
    content = content_of(arguments, withheld=store.withheld)
    message = store.post(
        Message(
            channel=channel.id,
            ts=store.new_ts(),
            user=store.workspace.bot.id,
            text=content.text,
            by_bot=True,
            blocks=content.blocks,
            thread_ts=store.root(channel.id, arguments.word("thread_ts")),
            reader=reader,
        )
    )
    return with_warnings({"message_ts": message.ts}, content.warnings)


def get_permalink(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the address of a message, with its thread where it is a reply."""
    channel = visible_channel(store, arguments.word("channel"))
    message = store.messages.public(channel.id, arguments.word("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    link = f"{store.base_url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts is not None:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


METHODS = (
    Method(name="chat.postMessage", run=post_message, rate=POSTING, scopes=WRITE),
    Method(name="chat.update", run=update, rate=TIER_3, scopes=WRITE),
    Method(name="chat.delete", run=delete, rate=TIER_3, scopes=WRITE),
    Method(name="chat.postEphemeral", run=post_ephemeral, rate=TIER_4, scopes=WRITE),
    Method(name="chat.getPermalink", run=get_permalink, rate=GENEROUS),
)
