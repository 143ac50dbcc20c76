"""Slack's payloads, read: who speaks, where an answer goes, and what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.release.refusal import Code, Refusal
from bot.release.words import Words
from bot.slack.buttons import read_press
from bot.slack.forms import Place, read_form
from bot.slack.words import Typed, parse_mention, parse_text

Body = Mapping[str, Any]

OPENS = frozenset({"start", "repeat", "skip", "owner", "handover", "note", "add"})


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for, before it is known who asks."""

    verb: str
    door: str
    words: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    release: int | None = None
    step: int | None = None
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One payload. `delivery` tells a repeated delivery from a new one; `trigger` opens one dialog.

    `read` returns the request, or raises a Refusal that the person is told.
    `message` is the channel and timestamp of the card that was pressed.
    `opens` says that the answer is likely to be a dialog.
    """

    user: str
    place: Place
    read: Callable[[], Request]
    delivery: str | None = None
    trigger: str | None = None
    opens: bool = False
    message: tuple[str, str] | None = None


def hear_command(body: Body) -> Heard:
    """Read a slash command; Slack refuses those in threads itself."""
    return Heard(
        user=body["user_id"],
        place=Place(channel=body.get("channel_id"), url=body.get("response_url")),
        read=lambda: _typed(parse_text(body.get("text") or ""), "slack command"),
        delivery=body.get("trigger_id"),
        trigger=body.get("trigger_id"),
        opens=_asks_for_form(body.get("text") or ""),
    )


def hear_press(body: Body) -> Heard | None:
    """Read a press; None where it is no button of ours, such as a choice inside a dialog."""
    action = body["actions"][0]
    if action.get("type") != "button" or action.get("url"):
        return None
    return Heard(
        user=body["user"]["id"],
        place=_place(body),
        read=lambda: _pressed(action.get("value") or ""),
        delivery=body.get("trigger_id"),
        trigger=body.get("trigger_id"),
        opens=str(action.get("action_id", "")).partition("-")[0] in OPENS,
        message=_pressed_message(body),
    )


def hear_form(body: Body) -> Heard:
    """Read an answered dialog."""
    return Heard(
        user=body["user"]["id"],
        place=Place(),
        read=lambda: _filled(body["view"]),
        delivery=body.get("trigger_id"),
    )


def hear_mention(body: Body, bot: str | None) -> Heard | None:
    """Read a message that mentions the bot; None where a bot wrote it.

    Slack sends the mention again, with `edited` and a new event id, when its author changes the message:
    what was carried out once must not be carried out again.
    """
    event = body["event"]
    if event.get("bot_id") or not event.get("user"):
        return None
    return Heard(
        user=event["user"],
        place=Place(channel=event.get("channel"), thread=event.get("thread_ts")),
        read=lambda: _mentioned(event, bot),
        delivery=body.get("event_id"),
    )


def _mentioned(event: Body, bot: str | None) -> Request:
    if event.get("edited"):
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed="Not done: a message that was edited is not carried out.",
            expected="a new message; what the first one did stands in the thread.",
            retry_is_safe=True,
        )
    return _typed(parse_mention(event.get("text") or "", bot), "slack mention")


def _pressed_message(body: Body) -> tuple[str, str] | None:
    channel, ts = (body.get("channel") or {}).get("id"), (body.get("message") or {}).get("ts")
    return (channel, ts) if channel and ts else None


def _asks_for_form(text: str) -> bool:
    """Return whether a typed line says so little that the answer is likely to be a dialog."""
    first, *rest = text.lower().split() or [""]
    return first in OPENS and len(rest) < 3


def _place(body: Body) -> Place:
    """Return where a press is answered: a root card is pressed in the channel, so not in its thread."""
    channel = body.get("channel") or {}
    message = body.get("message") or {}
    thread = message.get("thread_ts")
    in_thread = thread if thread != message.get("ts") else None
    at_home = (body.get("view") or {}).get("type") == "home"
    return Place(
        channel=channel.get("id"),
        thread=in_thread,
        url=body.get("response_url"),
        at_card=at_home or str(channel.get("id") or "").startswith("D"),
    )


def _typed(typed: Typed, door: str) -> Request:
    words: Words = typed.words
    return Request(
        verb=typed.verb,
        door=door,
        words=words.words,
        fields=words.fields,
        release=words.release,
        step=words.step,
    )


def _pressed(value: str) -> Request:
    press = read_press(value)
    return Request(
        verb=press.verb,
        door="slack button",
        fields=press.fields,
        release=press.release,
        step=press.step,
        seen=press.seen,
    )


def _filled(view: Body) -> Request:
    filled = read_form(view)
    known = {
        name: int(text)
        for name, text in filled.carry.items()
        if name in {"release", "step", "seen"}
    }
    rest = {name: text for name, text in filled.carry.items() if name not in known}
    return Request(
        verb=filled.verb,
        door="slack form",
        fields={**rest, **filled.values},
        release=known.get("release"),
        step=known.get("step"),
        seen=known.get("seen"),
    )
