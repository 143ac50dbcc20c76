"""Carries out what the app sent along with its ack: an answer to a command, or to a form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import content_of
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.modals import View
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.view_methods import new_view, replaced


def answer_command(store: Store, person: str, channel: str, body: Any) -> None:
    """Show what came with the ack of a command, to the person alone unless it says otherwise.

    Raises SlackError invalid_command_response for what Slack could not show.
    """
    if isinstance(body, str):
        body = {"text": body}
    if not body:
        return
    if not isinstance(body, dict):
        raise SlackError("invalid_command_response")
    try:
        content = content_of(Arguments(body))
    except SlackError as refused:
        raise SlackError("invalid_command_response", messages=refused.messages) from refused
    public = body.get("response_type") == "in_channel"
    store.post(
        Message(
            channel=channel,
            ts=store.new_ts(),
            user=store.workspace.bot.id,
            text=content.text,
            by_bot=True,
            blocks=content.blocks,
            reader=None if public else person,
        )
    )


def answer_form(store: Store, view: View, body: Any) -> None:
    """Do what the ack of a form says: close it, show errors, update, push or clear.

    Raises SlackError when Slack would not understand it; the form stays open then.
    """
    if not body:
        store.views.pop(view)
        return
    action = body.get("response_action") if isinstance(body, dict) else None
    if action == "errors":
        store.views.put(replace(view, errors=_errors(view, body.get("errors"))))
    elif action == "update":
        store.views.put(replaced(view, body.get("view")))
    elif action == "push":
        pushed = new_view(store, body.get("view"), surface="modal", person=view.person)
        store.views.push(pushed)
    elif action == "clear":
        store.views.clear(view.person)
    else:
        raise SlackError("invalid_arguments")


def _errors(view: View, errors: Any) -> dict[str, str]:
    if not isinstance(errors, dict) or not errors:
        raise SlackError("invalid_arguments")
    fields = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not set(errors) <= fields or not all(isinstance(text, str) for text in errors.values()):
        raise SlackError("invalid_arguments")
    return dict(errors)
