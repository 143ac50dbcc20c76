"""A form as a Slack dialog, and the answer back as named values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands import Choice, Form, FormErrors, FormField
from bot.release.refusal import Code, Refusal
from bot.slack.views.blocks import Block, section
from bot.slack.views.wording import clamp, plain

FORM_VERSION = 1
ACTION = "value"
CALLBACK = "form"
TICKED = 10
LONGEST_CHOICES = 100
LONGEST_INPUT = 3000


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an answer goes; `url` is Slack's own address for it, good for half an hour.

    `at_card` says that whoever pressed looks at a card of ours, which shows what came of it.
    """

    channel: str | None = None
    thread: str | None = None
    url: str | None = None
    at_card: bool = False


@dataclass(frozen=True, kw_only=True)
class Filled:
    """An answered form: its verb, the typed values, what the form carried, and where it was opened."""

    verb: str
    values: Mapping[str, str]
    carry: Mapping[str, str]
    place: Place


def form_view(form: Form, place: Place) -> Block:
    """Return the dialog of a form."""
    kept = {
        "v": FORM_VERSION,
        "verb": form.verb,
        "carry": dict(form.carry),
        "channel": place.channel,
        "thread": place.thread,
        "url": place.url,
    }
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(kept, separators=(",", ":")),
        "title": _text(form.title, 24),
        "submit": _text(form.submit, 24),
        "close": _text("Cancel", 24),
        "blocks": [_field(field) for field in form.fields[:100]]
        or [section("Nothing to fill in.")],
    }


def read_form(view: Mapping[str, Any]) -> Filled:
    """Return what was filled in; refuse a dialog that another version of the bot opened."""
    try:
        kept = json.loads(view.get("private_metadata") or "null")
    except ValueError:
        kept = None
    if not _is_ours(kept):
        raise Refusal(
            code=Code.MOVED_ON,
            failed="This dialog was opened by another version of the bot. Nothing was changed.",
            expected="the dialog opened again.",
            retry_is_safe=True,
        )
    states = view.get("state", {}).get("values", {})
    values = {name: _value(next(iter(state.values()), {})) for name, state in states.items()}
    place = Place(channel=kept["channel"], thread=kept["thread"], url=kept.get("url"))
    return Filled(verb=kept["verb"], values=values, carry=kept["carry"], place=place)


def _is_ours(kept: Any) -> bool:
    """Return whether a dialog carries what this version of the bot gives one to carry."""
    if not isinstance(kept, dict) or kept.get("v") != FORM_VERSION:
        return False
    places = [kept.get(name, "") or "" for name in ("channel", "thread", "url", "verb")]
    carry = kept.get("carry")
    texts = [*places, *carry, *carry.values()] if isinstance(carry, dict) else [None]
    return {"channel", "thread", "verb"} <= set(kept) and all(
        isinstance(text, str) for text in texts
    )


def errors_of(errors: FormErrors, view: Mapping[str, Any]) -> dict[str, str]:
    """Return the errors by the fields the dialog has; one that has no such field goes to the first."""
    known = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    placed: dict[str, str] = {}
    for name, text in errors.errors.items():
        target = name if name in known else known[0]
        placed[target] = clamp(" ".join(filter(None, (placed.get(target), plain(text)))), 1000)
    return placed


def field_named(refusal: Refusal, view: Mapping[str, Any]) -> str | None:
    """Return the field that a refusal of an input speaks of, None where it names none."""
    if refusal.code not in {Code.BAD_REQUEST, Code.UNKNOWN_NAME}:
        return None
    said = refusal.failed.lower()
    names = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    return next((name for name in names if name.rstrip("s") in said), None)


def _field(field: FormField) -> Block:
    drawn: Block = {
        "type": "input",
        "block_id": field.name,
        "label": _text(field.label, 150),
        "element": {"action_id": ACTION, **_element(field)},
        "optional": field.optional,
    }
    if field.hint:
        drawn["hint"] = _text(field.hint, 150)
    return drawn


def _element(field: FormField) -> Block:
    if field.kind == "choice":
        return _with("initial_option", _chosen(field, (field.value,))[:1], _select(field))
    if field.kind == "choices":
        return _with_all(_chosen(field, field.values), _many(field))
    if field.kind == "person":
        is_user = field.value[:1] in {"U", "W"} and field.value.isalnum()
        return {"type": "users_select", **({"initial_user": field.value} if is_user else {})}
    longest = min(field.max_length or LONGEST_INPUT, LONGEST_INPUT)
    element: Block = {"type": "plain_text_input", "max_length": longest}
    if field.kind == "long_text":
        element["multiline"] = True
    if field.value:
        element["initial_value"] = clamp(field.value, longest)
    return element


def _select(field: FormField) -> Block:
    return {"type": "static_select", "options": _options(field.choices)}


def _many(field: FormField) -> Block:
    kind = "checkboxes" if len(field.choices) <= TICKED else "multi_static_select"
    return {"type": kind, "options": _options(field.choices)}


def _with(name: str, chosen: list[Block], element: Block) -> Block:
    return {**element, name: chosen[0]} if chosen else element


def _with_all(chosen: list[Block], element: Block) -> Block:
    return {**element, "initial_options": chosen} if chosen else element


def _chosen(field: FormField, values: tuple[str, ...]) -> list[Block]:
    return _options(tuple(choice for choice in field.choices if choice.value in values))


def _options(choices: tuple[Choice, ...]) -> list[Block]:
    return [_option(choice) for choice in choices[:LONGEST_CHOICES]]


def _option(choice: Choice) -> Block:
    drawn: Block = {"text": _text(choice.label, 75), "value": choice.value}
    if choice.description:
        drawn["description"] = _text(choice.description, 75)
    return drawn


def _value(state: Mapping[str, Any]) -> str:
    """Return one field's answer; several choices are joined by commas."""
    if "selected_options" in state:
        return ",".join(option["value"] for option in state["selected_options"] or ())
    chosen = state.get("selected_option")
    if chosen:
        return str(chosen["value"])
    return str(state.get("selected_user") or state.get("value") or "")


def _text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": clamp(plain(text), limit) or " ", "emoji": True}
