"""What a message is made of when it comes through the API, and how the API shows it again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.sandbox.slack import limits
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store, with_ids
from bot.sandbox.slack.validate import check_message


@dataclass(frozen=True, kw_only=True)
class Content:
    """Text and blocks that passed Slack's checks; `warnings` go back to the app."""

    text: str
    blocks: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]


def content_of(
    arguments: Arguments, *, most: int = limits.MESSAGE_TEXT, withheld: Collection[str] = ()
) -> Content:
    """Return the content of a message; `withheld` are types of blocks that this workspace does not have yet.

    Raises SlackError: no_text, msg_too_long, invalid_blocks_format, invalid_blocks,
    msg_blocks_too_long. Text beside no blocks and blocks beside no text are both fine, the
    latter with the warning missing_text_in_message.
    """
    text = arguments.word("text")
    blocks = arguments.parsed("blocks", broken="invalid_blocks_format")
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > most:
        raise SlackError("msg_too_long")
    if blocks:
        check_message(blocks, withheld)
    warnings = () if text else ("missing_text_in_message",)
    return Content(text=text, blocks=with_ids(blocks), warnings=warnings)


def metadata_of(arguments: Arguments) -> Mapping[str, Any] | None:
    """Return message metadata `{event_type, event_payload}`, None when it was not sent.

    Raises SlackError: invalid_metadata_format, metadata_too_large.
    """
    metadata = arguments.parsed("metadata", broken="invalid_metadata_format")
    if metadata is None:
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > limits.METADATA_JSON:
        raise SlackError("metadata_too_large")
    return metadata


def with_warnings(answer: dict[str, Any], warnings: tuple[str, ...]) -> dict[str, Any]:
    """Return the answer with Slack's warnings in it."""
    if not warnings:
        return answer
    metadata = {"warnings": list(warnings)}
    return {**answer, "warning": ",".join(warnings), "response_metadata": metadata}


def described(store: Store, message: Message, *, metadata: bool = False) -> dict[str, Any]:
    """Return the message as Slack's API and its payloads show it."""
    workspace = store.workspace
    shown: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.team.id,
    }
    if message.by_bot:
        shown |= {"bot_id": workspace.bot.bot_id, "app_id": workspace.bot.app_id}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.edited_ts:
        shown["edited"] = {"user": message.user, "ts": message.edited_ts}
    if metadata and message.metadata is not None:
        shown["metadata"] = dict(message.metadata)
    if message.files:
        shown["files"] = [file_described(store, file_id) for file_id in message.files]
    if message.reactions:
        shown["reactions"] = counted(message)
    return shown | _threaded(store, message)


def _threaded(store: Store, message: Message) -> dict[str, Any]:
    if message.thread_ts is not None:
        return {"thread_ts": message.thread_ts}
    replies = store.messages.replies(message.channel, message.ts)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "latest_reply": replies[-1].ts,
    }


def counted(message: Message) -> list[dict[str, Any]]:
    """Return the reactions of a message, by name, in the order in which names came."""
    by_name: dict[str, list[str]] = {}
    for name, user in message.reactions:
        by_name.setdefault(name, []).append(user)
    return [{"name": n, "users": users, "count": len(users)} for n, users in by_name.items()]


def file_described(store: Store, file_id: str) -> dict[str, Any]:
    """Return a file as Slack's API shows it."""
    file = store.files[file_id]
    url = f"{store.base_url}files/{file.id}/{quote(file.name)}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "size": file.length,
        "url_private": url,
        "permalink": url,
    }
