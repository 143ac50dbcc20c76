"""What a person does with a modal: send it, close it."""

from __future__ import annotations

from dataclasses import replace

from bot.sandbox.slack import payloads
from bot.sandbox.slack.acks import answer_form
from bot.sandbox.slack.carrier import Carrier
from bot.sandbox.slack.delivery import Envelope, Kind, Outcome
from bot.sandbox.slack.inputs import Values, lacking, taken
from bot.sandbox.slack.modals import View
from bot.sandbox.slack.refused import CannotAct, SlackError
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.workspace import Person

TROUBLE = "We had some trouble connecting. Try again?"


def modal_of(store: Store, person: Person, view_id: str) -> View:
    """Return the modal on top if it is the one meant; raise CannotAct when it is not."""
    view = store.views.top(person.id)
    if view is None or view.id != view_id:
        raise CannotAct("This form is not open any more.")
    return view


async def submit(
    store: Store, carrier: Carrier, person: Person, view_id: str, values: Values
) -> None:
    """Send a form: first Slack's own checks, then the app's, whose ack says what comes next."""
    view = modal_of(store, person, view_id)
    if view.busy:
        raise CannotAct("This form is being sent already.")
    held = taken(view.blocks, values, store.workspace)
    wrong = lacking(view.blocks, held)
    view = store.views.put(replace(view, values=held, errors=wrong, busy=not wrong))
    store.changed()
    if wrong:
        return
    payload = payloads.submission(store, person, view)
    name = store.workspace.bot.name
    answer = await carrier.ask(
        person.id, Envelope(kind=Kind.INTERACTIVE, payload=payload), what=name
    )
    now = store.views.find(view.id)
    if now is None:
        return
    now = store.views.put(replace(now, busy=False))
    if answer.outcome is Outcome.ACKED:
        try:
            answer_form(store, now, answer.body)
        except SlackError:
            store.notice(person.id, TROUBLE)
    store.changed()


def close(
    store: Store, carrier: Carrier, person: Person, view_id: str, *, everything: bool
) -> None:
    """Close the modal on top, or all of them; the app hears of those with notify_on_close."""
    view = modal_of(store, person, view_id)
    closing: list[View] = []
    while (top := store.views.top(person.id)) is not None:
        closing.append(top)
        store.views.pop(top)
        if top.id == view.id and not (everything or view.shown.get("clear_on_close")):
            break
    store.changed()
    for gone in closing:
        if gone.shown.get("notify_on_close"):
            carrier.tell(payloads.closed(store, person, gone, cleared=len(closing) > 1))
