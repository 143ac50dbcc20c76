"""What a person does with a button, a menu or a field that acts at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.carrier import Carrier
from bot.sandbox.slack.delivery import Envelope, Kind
from bot.sandbox.slack.inputs import (
    HOLDS,
    Values,
    find_element,
    first_values,
    held,
    known_option,
    merged,
    taken,
)
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refused import CannotAct
from bot.sandbox.slack.state import Store
from bot.sandbox.slack.workspace import Person


def message_of(store: Store, person: Person, channel_id: str, ts: str) -> Message:
    """Return a message that the person sees, or raise CannotAct."""
    channel = store.channels.get(channel_id)
    message = store.messages.find(channel_id, ts)
    if (
        channel is None
        or channel.person not in {None, person.id}
        or message is None
        or message.reader not in {None, person.id}
    ):
        raise CannotAct("This message is not there any more.")
    return message


def _chosen(store: Store, element: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of the action that says what was chosen."""
    if element["type"] == "overflow":
        return {"selected_option": known_option(element, sent.get("selected_option"))}
    if element["type"] not in HOLDS:
        return {}
    return {HOLDS[element["type"]][0]: held(element, sent, store.workspace)}


async def press_in_message(
    store: Store, carrier: Carrier, person: Person, act: Mapping[str, Any]
) -> None:
    """Press in a message; what menus hold is kept and sent along with later presses."""
    message = message_of(store, person, str(act["channel"]), str(act["ts"]))
    blocks = list(message.blocks)
    block_id, action_id = str(act["block_id"]), str(act["action_id"])
    element = find_element(blocks, block_id, action_id)
    chosen = _chosen(store, element, act.get("element") or {})
    values = merged(first_values(blocks), message.chosen)
    if element["type"] in HOLDS:
        state = {"type": element["type"], **chosen}
        values = merged(values, {block_id: {action_id: state}})
    message = store.messages.put(replace(message, chosen=values))
    action = payloads.pressed(element, block_id, chosen)
    await _send(store, carrier, person, payloads.message_actions(store, person, message, action))


async def press_in_view(
    store: Store, carrier: Carrier, person: Person, act: Mapping[str, Any]
) -> None:
    """Press in a modal or in App Home; the values of all fields go along."""
    view = store.views.find(str(act["view_id"]))
    if view is None or view not in (store.views.top(person.id), store.views.home(person.id)):
        raise CannotAct("This form is not open any more.")
    block_id, action_id = str(act["block_id"]), str(act["action_id"])
    element = find_element(view.blocks, block_id, action_id)
    chosen = _chosen(store, element, act.get("element") or {})
    sent: Values = act.get("values") or {}
    values = merged(view.values, taken(view.blocks, sent, store.workspace) if sent else {})
    if element["type"] in HOLDS:
        state = {"type": element["type"], **chosen}
        values = merged(values, {block_id: {action_id: state}})
    view = store.views.put(replace(view, values=values))
    action = payloads.pressed(element, block_id, chosen)
    await _send(store, carrier, person, payloads.view_actions(store, person, view, action))


async def _send(store: Store, carrier: Carrier, person: Person, payload: Mapping[str, Any]) -> None:
    envelope = Envelope(kind=Kind.INTERACTIVE, payload=payload)
    await carrier.ask(person.id, envelope, what=store.workspace.bot.name)
    store.changed()
