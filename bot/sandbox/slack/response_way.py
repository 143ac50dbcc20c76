"""What the app may do at a response_url: answer, replace or delete what was acted on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import Content, content_of
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import ResponseWay, Store


def respond(store: Store, way_id: str, given: dict[str, Any]) -> None:
    """Carry out one POST to a response_url, which is good five times within half an hour.

    Keys: text, blocks, response_type (ephemeral or in_channel), replace_original,
    delete_original, thread_ts. Raises SlackError: invalid_url, used_url, expired_url, no_text,
    message_not_found, thread_not_found and what is wrong with the blocks.
    """
    way = _use(store, way_id)
    arguments = Arguments(given)
    original = store.messages.find(way.channel, way.ts) if way.ts else None
    if arguments.flag("delete_original"):
        if original is None:
            raise SlackError("message_not_found")
        _own(original)
        store.messages.take_out(original)
        store.changed()
        return
    content = content_of(arguments)
    if arguments.flag("replace_original") and way.ts:
        if original is None:
            raise SlackError("message_not_found")
        _own(original)
        edited = original.edited_ts if content.blocks else store.new_ts()
        store.post(
            replace(original, text=content.text, blocks=content.blocks, edited_ts=edited, chosen={})
        )
        return
    _answer(store, way, content, arguments)


def _use(store: Store, way_id: str) -> ResponseWay:
    way = store.ways.get(way_id)
    if way is None:
        raise SlackError("invalid_url")
    if store.now() - way.at > store.timing.response_url:
        raise SlackError("expired_url")
    if not way.uses_left:
        raise SlackError("used_url")
    way = replace(way, uses_left=way.uses_left - 1)
    store.ways[way_id] = way
    return way


def _own(message: Message) -> None:
    if not message.by_bot:
        raise SlackError("cant_update_message")


def _answer(store: Store, way: ResponseWay, content: Content, arguments: Arguments) -> None:
    public = arguments.word("response_type") == "in_channel"
    store.post(
        Message(
            channel=way.channel,
            ts=store.new_ts(),
            user=store.workspace.bot.id,
            text=content.text,
            by_bot=True,
            blocks=content.blocks,
            thread_ts=store.root(way.channel, arguments.word("thread_ts")),
            reader=None if public else way.person,
        )
    )
