"""The views.* methods, and what a view looks like to the app."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.inputs import first_values, merged
from bot.sandbox.slack.method import Method
from bot.sandbox.slack.modals import View
from bot.sandbox.slack.rates import TIER_4
from bot.sandbox.slack.refused import SlackError
from bot.sandbox.slack.state import Store, new_id, with_ids
from bot.sandbox.slack.validate import check_view

KEPT = ("callback_id", "external_id", "private_metadata", "clear_on_close", "notify_on_close")


def new_view(store: Store, sent: Any, *, surface: str, person: str) -> View:
    """Return a view made of what the app sent; raises SlackError invalid_arguments."""
    check_view(sent, surface=surface)
    external = sent.get("external_id")
    if external and store.views.external(external) is not None:
        raise SlackError("duplicate_external_id")
    shown = _filled(sent)
    view_id = new_id("V")
    return View(
        id=view_id,
        hash=_hash(),
        person=person,
        shown=shown,
        root_id=view_id,
        values=first_values(list(shown["blocks"])),
    )


def replaced(view: View, sent: Any) -> View:
    """Return the view with other content; fields whose ids stay keep what was typed."""
    check_view(sent, surface=view.shown["type"])
    shown = _filled(sent)
    values = first_values(list(shown["blocks"]))
    kept = {
        block_id: {a: state for a, state in view.values.get(block_id, {}).items() if a in by_action}
        for block_id, by_action in values.items()
    }
    values = merged(values, kept)
    return replace(view, hash=_hash(), shown=shown, values=values, errors={})


def _filled(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {**deepcopy(dict(sent)), "blocks": list(with_ids(sent["blocks"]))}


def _hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"


def view_described(store: Store, view: View) -> dict[str, Any]:
    """Return the view as Slack's API and its payloads show it."""
    bot = store.workspace.bot
    kept = {name: view.shown.get(name, "") for name in KEPT}
    kept |= {name: bool(view.shown.get(name)) for name in KEPT if name.endswith("on_close")}
    return {
        "id": view.id,
        "team_id": store.workspace.team.id,
        "type": view.shown["type"],
        "title": view.shown.get("title"),
        "submit": view.shown.get("submit"),
        "close": view.shown.get("close"),
        "blocks": view.blocks,
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": bot.app_id,
        "app_installed_team_id": store.workspace.team.id,
        "bot_id": bot.bot_id,
        **kept,
    }


def _sent_view(arguments: Arguments) -> Any:
    view = arguments.parsed("view", broken="invalid_arguments")
    if view is None:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    return view


def open_view(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Open a modal before the person whose action gave the trigger_id."""
    sent = _sent_view(arguments)
    check_view(sent, surface="modal")
    trigger = store.use_trigger(arguments.needed("trigger_id"))
    view = new_view(store, sent, surface="modal", person=trigger.person)
    store.views.open(view)
    store.changed()
    return {"view": view_described(store, view)}


def push_view(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Put a modal on top of the one in which the person acted, at most three deep."""
    sent = _sent_view(arguments)
    check_view(sent, surface="modal")
    trigger = store.use_trigger(arguments.needed("trigger_id"))
    view = store.views.push(new_view(store, sent, surface="modal", person=trigger.person))
    store.changed()
    return {"view": view_described(store, view)}


def update_view(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Replace a view by view_id or external_id; a hash that is not the last is refused."""
    sent = _sent_view(arguments)
    if arguments.word("view_id") and arguments.word("external_id"):
        raise SlackError(
            "invalid_arguments",
            messages=["[ERROR] Cannot provide both `view_id` and `external_id`"],
        )
    if arguments.word("external_id"):
        view = store.views.external(arguments.word("external_id"))
    else:
        view = store.views.find(arguments.needed("view_id"))
    if view is None:
        raise SlackError("not_found")
    _guard(arguments, view)
    view = store.views.put(replaced(view, sent))
    store.changed()
    return {"view": view_described(store, view)}


def publish_view(store: Store, arguments: Arguments) -> dict[str, Any]:
    """Show a view as the App Home of one person."""
    person = arguments.needed("user_id")
    home = store.workspace.manifest.get("features", {}).get("app_home", {})
    if not home.get("home_tab_enabled"):
        raise SlackError("not_enabled")
    if store.workspace.person(person) is None:
        raise SlackError("user_not_found")
    before = store.views.home(person)
    if before is not None:
        _guard(arguments, before)
    view = new_view(store, _sent_view(arguments), surface="home", person=person)
    store.views.publish(view)
    store.changed()
    return {"view": view_described(store, view)}


def _guard(arguments: Arguments, view: View) -> None:
    if arguments.word("hash") not in {"", view.hash}:
        raise SlackError("hash_conflict")


METHODS = (
    Method(name="views.open", run=open_view, rate=TIER_4),
    Method(name="views.push", run=push_view, rate=TIER_4),
    Method(name="views.update", run=update_view, rate=TIER_4),
    Method(name="views.publish", run=publish_view, rate=TIER_4),
)
