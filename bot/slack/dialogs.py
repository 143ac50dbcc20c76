"""Opens dialogs within the three seconds that Slack gives, with a view that says it is loading where that is needed."""

from __future__ import annotations

import logging
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.commands import Form, FormErrors, Said
from bot.release.refusal import Refusal
from bot.slack.deciding import Answer
from bot.slack.forms import form_view
from bot.slack.hearing import Heard
from bot.slack.views.answer import late, late_dialog, no_dialog, notice_view, refusal_text
from bot.slack.views.blocks import Block
from bot.slack.views.wording import escape_but_mentions

log = logging.getLogger(__name__)

LOADING_AFTER_S = 0.7
LOADING = "Loading. This takes a moment: the form comes here."


def open_form(client: WebClient, heard: Heard, form: Form) -> Refusal | None:
    """Open the dialog of a form; return what is said where Slack does not open it."""
    if heard.trigger is None:
        return no_dialog(form.verb)
    try:
        client.views_open(trigger_id=heard.trigger, view=form_view(form, heard.place))
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("a dialog of %s did not open: %s", form.verb, error)
        return late_dialog()
    return None


def open_loading(client: WebClient, heard: Heard) -> str | None:
    """Open a dialog that says it is loading, and return its id; None where Slack does not open it."""
    if heard.trigger is None:
        return None
    try:
        opened = client.views_open(
            trigger_id=heard.trigger, view=notice_view("One moment", LOADING)
        )
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("no dialog could be opened: %s", error)
        return None
    return str(opened["view"]["id"])


def fill(client: WebClient, heard: Heard, view_id: str, answer: Answer | None) -> None:
    """Put the answer into the dialog that is loading; one that was closed meanwhile stays closed."""
    try:
        client.views_update(view_id=view_id, view=_shown(heard, answer))
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("a dialog was not filled: %s", error)


def _shown(heard: Heard, answer: Answer | None) -> Block:
    match answer:
        case Form():
            return form_view(answer, heard.place)
        case Said():
            return notice_view("Done", escape_but_mentions(answer.text), answer.offers)
        case FormErrors():
            return notice_view("Not done", escape_but_mentions(" ".join(answer.errors.values())))
        case Refusal():
            return notice_view("Not done", refusal_text(answer), answer.offers)
        case None:
            return notice_view("Not done", refusal_text(late()))
