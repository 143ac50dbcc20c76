"""Messages and what is known of each, ephemeral ones too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.inputs import Values


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message; `reader` is set on an ephemeral one, `thread_ts` on a reply."""

    channel: str
    ts: str
    user: str
    text: str
    by_bot: bool
    blocks: tuple[dict[str, Any], ...] = ()
    thread_ts: str | None = None
    edited_ts: str | None = None
    reader: str | None = None
    broadcast: bool = False
    metadata: Mapping[str, Any] | None = None
    reactions: tuple[tuple[str, str], ...] = ()
    pinned: bool = False
    files: tuple[str, ...] = ()
    chosen: Values = field(default_factory=dict)


class Messages:
    """All messages by channel, in the order in which they came."""

    def __init__(self) -> None:
        self._by_channel: dict[str, dict[str, Message]] = {}

    def put(self, message: Message) -> Message:
        """Keep a message, in the place of an earlier state of it if there is one."""
        self._by_channel.setdefault(message.channel, {})[message.ts] = message
        return message

    def take_out(self, message: Message) -> None:
        """Forget a message."""
        self._by_channel[message.channel].pop(message.ts, None)

    def find(self, channel: str, ts: str) -> Message | None:
        """Return a message, ephemeral or not, or None."""
        return self._by_channel.get(channel, {}).get(ts)

    def public(self, channel: str, ts: str) -> Message | None:
        """Return a message that the API knows; it knows no ephemeral ones."""
        found = self.find(channel, ts)
        return None if found is None or found.reader is not None else found

    def seen_by(self, channel: str, person: str) -> list[Message]:
        """Return what a person sees in a channel, oldest first, replies among the rest."""
        found = self._by_channel.get(channel, {}).values()
        return [message for message in found if message.reader in {None, person}]

    def public_of(self, channel: str) -> list[Message]:
        """Return the messages of a channel that everybody sees, oldest first."""
        return [one for one in self._by_channel.get(channel, {}).values() if one.reader is None]

    def replies(self, channel: str, root: str) -> list[Message]:
        """Return the replies of a thread that everybody sees, oldest first."""
        found = self._by_channel.get(channel, {}).values()
        return [one for one in found if one.thread_ts == root and one.reader is None]
