"""Uploads: the address for the content, and the message that shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import file_described
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.method import Method, open_channel
from bot.sandbox.slack.rates import TIER_4
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import File, Store, new_id


def get_upload_url(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Return the address to which the content of `length` bytes is to be sent."""
    name = arguments.needed("filename").replace("/", "_")
    length = arguments.number("length", 0)
    if length < 1:
        raise SlackError(
            "invalid_arguments", messages=["[ERROR] must be greater than 0 [json-pointer:/length]"]
        )
    alt = arguments.word("alt_txt") or arguments.word("alt_text")
    file = File(id=new_id("F"), name=name, title=name, length=length, alt=alt)
    store.files[file.id] = file
    return {"upload_url": f"{store.base_url}files/upload/{file.id}", "file_id": file.id}


def receive(store: Store, file_id: str, content: bytes) -> None:
    """Keep the content of an upload.

    Raises SlackError: file_not_found, and size_mismatch when it is not as long as announced.
    """
    file = store.files.get(file_id)
    if file is None or file.content is not None:
        raise SlackError("file_not_found")
    if len(content) != file.length:
        raise SlackError("size_mismatch")
    store.files[file_id] = replace(file, content=content)


def complete_upload(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Share uploads in a channel, or keep them unshared where no channel is named."""
    sent = arguments.parsed("files", broken="invalid_arguments")
    if not isinstance(sent, list) or not sent:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    files = [_ready(store, one) for one in sent]
    channels = arguments.word("channel_id") or arguments.word("channels")
    for channel_id in filter(None, channels.split(",")):
        channel = open_channel(store, channel_id)
        thread_ts = store.root(channel.id, arguments.word("thread_ts"))
        store.post(
            Message(
                channel=channel.id,
                ts=store.new_ts(),
                user=store.workspace.bot.id,
                text=arguments.word("initial_comment"),
                by_bot=True,
                thread_ts=thread_ts,
                files=tuple(file.id for file in files),
            )
        )
    store.files |= {file.id: replace(file, shared=True) for file in files}
    store.changed()
    return {"files": [file_described(store, file.id) for file in files]}


def _ready(store: Store, sent: Any) -> File:
    file = store.files.get(str(sent.get("id"))) if isinstance(sent, dict) else None
    if file is None or file.content is None or file.shared:
        raise SlackError("file_not_found")
    file = replace(file, title=str(sent.get("title") or file.name))
    store.files[file.id] = file
    return file


SCOPES = ("files:write",)
METHODS = (
    Method(name="files.getUploadURLExternal", run=get_upload_url, rate=TIER_4, scopes=SCOPES),
    Method(name="files.completeUploadExternal", run=complete_upload, rate=TIER_4, scopes=SCOPES),
)
