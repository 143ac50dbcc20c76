"""Everything that happened in the sandbox so far, in memory; only the server's loop touches it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.slack.limits import RESPONSE_URL_USES, Timing
from bot.sandbox.slack.messages import Message, Messages
from bot.sandbox.slack.modals import Views
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.validate import parts
from bot.sandbox.slack.workspace import Channel, Workspace


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """The right to open one modal; `at` is seconds of the monotonic clock."""

    person: str
    at: float
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class ResponseWay:
    """Where a response_url leads; `ts` names the message that was acted on, if one was."""

    channel: str
    person: str
    ts: str | None
    at: float
    uses_left: int = RESPONSE_URL_USES


@dataclass(frozen=True, kw_only=True)
class File:
    """An upload; `content` is None until it came, `shared` once a message may show it."""

    id: str
    name: str
    title: str
    length: int
    alt: str = ""
    content: bytes | None = None
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence that Slack itself shows to one person."""

    id: str
    text: str
    level: str


def new_id(letters: str) -> str:
    """Return an id as Slack writes them: letters, then capitals and digits."""
    return letters + secrets.token_hex(5).upper()


class Store:
    """The sandbox's memory. Not for several threads: the server's event loop owns it."""

    def __init__(self, workspace: Workspace, timing: Timing, now: Callable[[], float]) -> None:
        self.workspace = workspace
        self.timing = timing
        self.now = now
        self.base_url = ""
        self.withheld: frozenset[str] = frozenset()
        self.messages = Messages()
        self.views = Views()
        self.files: dict[str, File] = {}
        self.notices: dict[str, dict[str, Notice]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.ways: dict[str, ResponseWay] = {}
        self.on_change: list[Callable[[], None]] = []
        self._last_ts = 0
        direct = (
            Channel(id=f"D{person.id[1:]}", name=workspace.bot.name, person=person.id)
            for person in workspace.people
        )
        self.channels = {channel.id: channel for channel in (*workspace.channels, *direct)}

    def changed(self) -> None:
        """Tell the pages that something is to be drawn."""
        for tell in self.on_change:
            tell()

    def new_ts(self) -> str:
        """Return the time as Slack writes it, never the same twice."""
        self._last_ts = max(time.time_ns() // 1_000, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def direct(self, person: str) -> Channel | None:
        """Return the direct message channel between the bot and a person."""
        return next((c for c in self.channels.values() if c.person == person), None)

    def root(self, channel: str, thread_ts: str) -> str | None:
        """Return the ts if it names the first message of a thread, else refuse.

        Raises SlackError thread_not_found for a reply and for a message that is not there.
        """
        if not thread_ts:
            return None
        found = self.messages.public(channel, thread_ts)
        if found is None or found.thread_ts is not None:
            raise SlackError("thread_not_found")
        return thread_ts

    def post(self, message: Message) -> Message:
        """Keep a new or changed message and have it drawn."""
        self.messages.put(message)
        self.changed()
        return message

    def notice(self, person: str, text: str, *, level: str = "error") -> None:
        """Show a sentence of Slack's own to one person."""
        notice = Notice(id=new_id("N"), text=text, level=level)
        self.notices.setdefault(person, {})[notice.id] = notice
        self.changed()

    def new_trigger(self, person: str) -> str:
        """Return a trigger_id, good for one modal within three seconds."""
        trigger_id = (
            f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        )
        self.triggers[trigger_id] = Trigger(person=person, at=self.now())
        return trigger_id

    def use_trigger(self, trigger_id: str) -> Trigger:
        """Use up a trigger_id and return it.

        Raises SlackError: invalid_trigger_id, exchanged_trigger_id, expired_trigger_id.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.now() - trigger.at > self.timing.trigger:
            raise SlackError("expired_trigger_id")
        self.triggers[trigger_id] = replace(trigger, used=True)
        return trigger

    def new_response_url(self, channel: str, person: str, ts: str | None = None) -> str:
        """Return an address at which the app may answer, five times within half an hour."""
        way_id = secrets.token_hex(16)
        way = ResponseWay(channel=channel, person=person, ts=ts, at=self.now())
        self.ways[way_id] = way
        return f"{self.base_url}response/{way_id}"


def with_ids(blocks: Sequence[dict[str, Any]] | None) -> tuple[dict[str, Any], ...]:
    """Return the blocks with the ids that Slack gives to blocks and elements without any."""
    whole = deepcopy(list(blocks or ()))
    for block in whole:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for _, element in parts(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return tuple(whole)
