"""How an answered dialog is answered: closed, corrected beside the field, or covered by one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk import WebClient

from bot.commands import Form, FormErrors, Said
from bot.release.refusal import Code, Refusal
from bot.slack.deciding import Answer
from bot.slack.forms import Place, errors_of, field_named, form_view, read_form
from bot.slack.hearing import Body, Heard
from bot.slack.saying import answer_said, say
from bot.slack.views.answer import notice_view, refusal_card, refusal_text, said_card
from bot.slack.views.wording import escape_but_mentions, plain

Ack = Callable[..., BoltResponse]


def acknowledge_form(client: WebClient, ack: Ack, heard: Heard, view: Body, answer: Answer) -> None:
    """Acknowledge a dialog with what its answer calls for."""
    match answer:
        case FormErrors():
            ack(response_action="errors", errors=errors_of(answer, view))
        case Form():
            ack(response_action="update", view=form_view(answer, _place(view)))
        case Refusal():
            _refuse(ack, view, answer)
        case Said():
            _close(client, ack, heard, view, answer)


def answer_late_form(client: WebClient, heard: Heard, view: Body, answer: Answer | None) -> None:
    """Say what came of a dialog that had to be acknowledged before the ledger answered."""
    place = _place(view)
    if isinstance(answer, Said):
        answer_said(client, heard.user, place, answer)
    elif isinstance(answer, Refusal):
        say(client, heard.user, place, refusal_card(answer))
    elif isinstance(answer, FormErrors):
        text = " ".join(plain(error) for error in answer.errors.values())
        say(client, heard.user, place, said_card(Said(text=f"Not done: {text}")))


def _refuse(ack: Ack, view: Body, refusal: Refusal) -> None:
    """Show a refusal beside the field it speaks of, else above the dialog, whose input stays.

    Where nobody knows what was recorded the dialog goes, so that it is not sent again blindly.
    """
    named = field_named(refusal, view)
    if named is not None:
        ack(response_action="errors", errors={named: plain(f"{refusal.failed} {refusal.expected}")})
        return
    unclear = refusal.code in {Code.INTERNAL, Code.NOT_RECORDED}
    action = "update" if unclear else "push"
    ack(response_action=action, view=notice_view("Not done", refusal_text(refusal), refusal.offers))


def _close(client: WebClient, ack: Ack, heard: Heard, view: Body, said: Said) -> None:
    """Close the dialog and say the answer where it was opened; without a place, say it in the dialog."""
    place = _place(view)
    if place.channel is None and place.url is None:
        ack(response_action="update", view=notice_view("Done", escape_but_mentions(said.text)))
        return
    ack()
    answer_said(client, heard.user, place, said)


def _place(view: Body) -> Place:
    """Return where the dialog was opened; nowhere if it was opened by another version of the bot."""
    kept: dict[str, Any] = dict(view)
    try:
        return read_form(kept).place
    except Refusal:
        return Place()
