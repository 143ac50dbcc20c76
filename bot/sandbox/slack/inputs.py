"""What fields hold: their value, how it begins, and whether what a person sent may stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack.element_shapes import offered
from bot.sandbox.slack.refused import CannotAct
from bot.sandbox.slack.validate import parts
from bot.sandbox.slack.workspace import Workspace

Values = dict[str, dict[str, dict[str, Any]]]
"""`{block_id: {action_id: {"type": …, <value>}}}`, as in `view.state.values`."""

HOLDS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
"""Element type -> the property that holds its value, and the one that holds its first value."""

REQUIRED = "Please complete this required field."


def find_element(blocks: list[dict[str, Any]], block_id: str, action_id: str) -> dict[str, Any]:
    """Return the element with these ids; raise CannotAct when it is not there (any more)."""
    for block in blocks:
        if block.get("block_id") != block_id:
            continue
        for _, element in parts(block):
            if element.get("action_id") == action_id:
                return element
    raise CannotAct("That control is not there any more. The message or form has changed since.")


def first_values(blocks: list[dict[str, Any]]) -> Values:
    """Return what the fields hold before anybody touches them."""
    values: Values = {}
    for block in blocks:
        for _, element in parts(block):
            if element.get("type") not in HOLDS:
                continue
            held, first = HOLDS[element["type"]]
            empty: Any = [] if held.endswith("s") else None
            state = {"type": element["type"], held: element.get(first, empty)}
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def merged(before: Values, after: Values) -> Values:
    """Return the values of `before` with those of `after` in their place."""
    return {
        block_id: {**before.get(block_id, {}), **after.get(block_id, {})}
        for block_id in [*before, *(name for name in after if name not in before)]
    }


def held(element: Mapping[str, Any], sent: Mapping[str, Any], workspace: Workspace) -> Any:
    """Return the value that stands in the field after `sent`; raise CannotAct for a foreign one.

    An option is looked up by its value among those offered, so nothing can be smuggled in.
    """
    name = HOLDS[element["type"]][0]
    value = sent.get(name)
    if name == "selected_option":
        return None if value is None else known_option(element, value)
    if name == "selected_options":
        return [known_option(element, one) for one in value or []]
    if name in {"selected_user", "selected_users"}:
        people = value or [] if name == "selected_users" else [value] if value else []
        for person in people:
            if workspace.person(person) is None:
                raise CannotAct(f"Nobody here has the id {person}.")
    return value or ([] if name.endswith("s") else None)


def known_option(element: Mapping[str, Any], chosen: object) -> dict[str, Any]:
    """Return the offered option with the value that was chosen; raise CannotAct without one."""
    value = chosen.get("value") if isinstance(chosen, dict) else None
    for option in offered(dict(element)):
        if option["value"] == value:
            return option
    raise CannotAct(f"The choice {value!r} is not offered here.")


def taken(blocks: list[dict[str, Any]], sent: Values, workspace: Workspace) -> Values:
    """Return what the fields hold after a person sent values for them.

    Raises CannotAct for a field that is not there and for a value that it cannot hold.
    """
    values = first_values(blocks)
    for block_id, by_action in sent.items():
        for action_id, state in by_action.items():
            element = find_element(blocks, block_id, action_id)
            if element.get("type") not in HOLDS:
                raise CannotAct(f"The element {action_id} of {block_id} holds no value.")
            name = HOLDS[element["type"]][0]
            value = held(element, state, workspace)
            values[block_id][action_id] = {"type": element["type"], name: value}
    return values


def lacking(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """Return what Slack's own form check says before the app hears of it, by block id."""
    wrong: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        if element.get("type") not in HOLDS:
            continue
        block_id = block["block_id"]
        value = values[block_id][element["action_id"]][HOLDS[element["type"]][0]]
        if not value:
            if not block.get("optional"):
                wrong[block_id] = REQUIRED
        elif isinstance(value, str) and len(value) < element.get("min_length", 0):
            wrong[block_id] = f"Write at least {element['min_length']} characters."
        elif isinstance(value, str) and len(value) > element.get("max_length", len(value)):
            wrong[block_id] = f"Write at most {element['max_length']} characters."
    return wrong
