"""A message shortcut, read: the release of the message's thread, or the message itself for a timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.slack.forms import Place
from bot.slack.hearing import OPENS, Body, Heard, Request
from bot.slack.words import LONGEST, shown_text

Link = Callable[[str, str], str | None]


def hear_shortcut(body: Body, link: Link) -> Heard:
    """Read a message shortcut: its name is the verb, its message's thread says the release.

    `link` returns the address of a message; it is asked for when the request is read.
    """
    message, verb = body["message"], body["callback_id"]
    place = Place(
        channel=body["channel"]["id"],
        thread=message.get("thread_ts") or message.get("ts"),
        url=body.get("response_url"),
    )
    return Heard(
        user=body["user"]["id"],
        place=place,
        read=lambda: Request(verb=verb, door="slack shortcut", fields=_message(body, link)),
        delivery=body.get("trigger_id"),
        trigger=body.get("trigger_id"),
        opens=verb in OPENS,
    )


def _message(body: Body, link: Link) -> Mapping[str, str]:
    """Return what is to be known of the message that a shortcut was used on."""
    message, channel = body["message"], body["channel"]["id"]
    if body["callback_id"] not in OPENS:
        return {}
    said = {
        "text": shown_text(message)[:LONGEST],
        "said_channel": channel,
        "said_ts": message.get("ts"),
        "said_by": message.get("user"),
        "said_link": link(channel, str(message.get("ts"))),
    }
    return {name: str(value) for name, value in said.items() if value}
