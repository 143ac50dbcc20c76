"""Everything that a person can do on the page, by the name that the page sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack import forms, payloads, presses
from bot.sandbox.slack.acks import answer_command
from bot.sandbox.slack.carrier import Carrier
from bot.sandbox.slack.content import described
from bot.sandbox.slack.delivery import Envelope, Kind, Outcome
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refused import CannotAct, SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.typed_text import escaped, with_mentions
from bot.sandbox.slack.view_methods import view_described
from bot.sandbox.slack.workspace import Channel, Person


class Acts:
    """Does what people do; what they cannot do is answered with a sentence."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store = store
        self._carrier = carrier
        self._ways = {
            "command": self._command,
            "message": self._message,
            "press": self._press,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "open_home": self._open_home,
            "dismiss": self._dismiss,
        }

    async def act(self, act: Mapping[str, Any]) -> dict[str, Any]:
        """Do one thing and return `{"ok": True}`, or False with the sentence why not.

        It returns once the app acked, or could not be reached: then with ok and a notice in the
        person's state, as the act itself was done.
        """
        try:
            person = self._store.workspace.person(str(act.get("as")))
            if person is None:
                raise CannotAct(f"Nobody here has the id {act.get('as')}.")
            way = self._ways.get(str(act.get("do")))
            if way is None:
                raise CannotAct(f"Nobody can do {act.get('do')!r} here.")
            await way(person, act)
        except KeyError as missing:
            return {"ok": False, "error": f"The act lacks {missing}."}
        except CannotAct as refused:
            return {"ok": False, "error": str(refused)}
        return {"ok": True}

    def _channel(self, person: Person, act: Mapping[str, Any]) -> Channel:
        channel = self._store.channels.get(str(act["channel"]))
        if channel is None or channel.person not in {None, person.id}:
            raise CannotAct(f"There is no channel {act['channel']} for {person.name}.")
        return channel

    async def _command(self, person: Person, act: Mapping[str, Any]) -> None:
        store = self._store
        channel = self._channel(person, act)
        name, _, text = str(act["text"]).strip().partition(" ")
        known = {command["command"]: command for command in store.workspace.commands}
        if name not in known:
            raise CannotAct(f"{name} is not a valid command.")
        if act.get("thread_ts"):
            raise CannotAct(f"{name} is not supported in threads. Sorry!")
        text = escaped(text.strip())
        if known[name].get("should_escape"):
            channels = store.channels.values()
            text = with_mentions(text, store.workspace, channels, with_names=True)
        payload = payloads.command(store, person, channel, name=name, text=text)
        answer = await self._carrier.ask(
            person.id, Envelope(kind=Kind.COMMAND, payload=payload), what=name
        )
        if answer.outcome is Outcome.ACKED:
            try:
                answer_command(store, person.id, channel.id, answer.body)
            except SlackError as refused:
                store.notice(person.id, f'{name} failed with the error "{refused.code}"')
        store.changed()

    async def _message(self, person: Person, act: Mapping[str, Any]) -> None:
        store = self._store
        channel = self._channel(person, act)
        if channel.is_archived:
            raise CannotAct(f"#{channel.name} is archived.")
        if not str(act["text"]).strip():
            raise CannotAct("An empty message cannot be sent.")
        try:
            root = store.root(channel.id, str(act.get("thread_ts") or ""))
        except SlackError:
            raise CannotAct("This thread is not there any more.") from None
        text = with_mentions(
            escaped(str(act["text"])), store.workspace, store.channels.values(), with_names=False
        )
        message = store.post(
            Message(
                channel=channel.id,
                ts=store.new_ts(),
                user=person.id,
                text=text,
                by_bot=False,
                thread_ts=root,
            )
        )
        if f"<@{store.workspace.bot.id}>" in text:
            self._mention(person, channel, message)

    def _mention(self, person: Person, channel: Channel, message: Message) -> None:
        store = self._store
        name = store.workspace.bot.name
        if not channel.bot_is_member:
            text = f"You mentioned @{name}, but it is not in this channel."
            store.notice(person.id, text, level="info")
            return
        needed = "app_mentions:read" in store.workspace.scopes
        if needed and "app_mention" in store.workspace.bot_events and channel.person is None:
            inner = described(store, message)
            inner |= {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
            self._carrier.tell(payloads.event(store, inner))

    async def _press(self, person: Person, act: Mapping[str, Any]) -> None:
        press = presses.press_in_view if act.get("view_id") else presses.press_in_message
        await press(self._store, self._carrier, person, act)

    async def _submit(self, person: Person, act: Mapping[str, Any]) -> None:
        values = act.get("values") or {}
        await forms.submit(self._store, self._carrier, person, str(act["view_id"]), values)

    async def _close(self, person: Person, act: Mapping[str, Any]) -> None:
        view_id, everything = str(act["view_id"]), bool(act.get("everything"))
        forms.close(self._store, self._carrier, person, view_id, everything=everything)

    async def _shortcut(self, person: Person, act: Mapping[str, Any]) -> None:
        store = self._store
        name = str(act["callback_id"])
        if name not in {shortcut["callback_id"] for shortcut in store.workspace.shortcuts}:
            raise CannotAct(f"There is no shortcut {name}.")
        message = presses.message_of(store, person, str(act["channel"]), str(act["ts"]))
        if message.reader is not None:
            raise CannotAct("Shortcuts do not work on messages that only you can see.")
        payload = payloads.shortcut(store, person, message, name)
        envelope = Envelope(kind=Kind.INTERACTIVE, payload=payload)
        await self._carrier.ask(person.id, envelope, what=store.workspace.bot.name)

    async def _open_home(self, person: Person, act: Mapping[str, Any]) -> None:
        store = self._store
        if "app_home_opened" not in store.workspace.bot_events:
            return
        direct = store.direct(person.id)
        inner: dict[str, Any] = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": direct.id if direct else "",
            "tab": "home",
            "event_ts": store.new_ts(),
        }
        home = store.views.home(person.id)
        if home is not None:
            inner["view"] = view_described(store, home)
        self._carrier.tell(payloads.event(store, inner))

    async def _dismiss(self, person: Person, act: Mapping[str, Any]) -> None:
        self._store.notices.get(person.id, {}).pop(str(act["notice_id"]), None)
        self._store.changed()
