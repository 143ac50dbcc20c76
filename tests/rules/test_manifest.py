"""The app manifest asks for every scope and event that the bot uses, and for no other."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.scopes import EVENTS, needed_scopes
from bot.sandbox.slack.server import FAMILIES
from tests.rules.test_docs import ROOT

MANIFEST = json.loads((ROOT / "docs" / "slack-manifest.json").read_text(encoding="utf-8"))
KNOWN = {method.name: method for family in FAMILIES for method in family.METHODS}
UPLOAD = ("files.getUploadURLExternal", "files.completeUploadExternal")
CALLS = {name for name in dir(WebClient) if re.match(r"[a-z]+_[a-zA-Z]", name)}
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])
PAGE = ROOT / "docs" / "reference" / "delivery.md"


def sources() -> Iterator[Path]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if "sandbox" not in path.parts:
            yield path


def attributes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr


def method_of(call: str) -> str:
    """Return the Web API's name of a call of the client."""
    family, _, rest = call.partition("_")
    return f"{family}.{rest.replace('_', '.')}"


def called() -> set[str]:
    """Return the methods that the bot calls."""
    found = {name for path in sources() for name in attributes(path) if name in CALLS}
    methods = {method_of(name) for name in found - {"files_upload_v2"}}
    return methods | (set(UPLOAD) if "files_upload_v2" in found else set())


def listened() -> set[str]:
    """Return the events that the bot listens to."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                named = node.args[:1]
                if node.func.attr == "event" and named and isinstance(named[0], ast.Constant):
                    found.add(str(named[0].value))
    return found


def test_every_method_that_the_bot_calls_is_one_the_sandbox_knows() -> None:
    assert {"chat.postMessage", "chat.update", "conversations.history"} <= called()
    assert called() - set(KNOWN) == set()


def test_every_scope_that_the_bot_needs_is_asked_for_and_no_other() -> None:
    needed = needed_scopes(called(), KNOWN, MANIFEST)
    missing = {scope: sorted(why) for scope, why in needed.items() if scope not in SCOPES}
    assert missing == {}
    assert SCOPES - set(needed) == set()


def test_every_event_that_the_bot_listens_to_is_subscribed_and_no_other() -> None:
    subscribed = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    assert listened() == subscribed
    assert subscribed <= set(EVENTS)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_the_docs_say_why_each_scope_is_asked_for(scope: str) -> None:
    assert re.search(rf"^\| `{scope}` \| \S", PAGE.read_text(encoding="utf-8"), re.M)


def test_a_scope_that_is_not_asked_for_is_found() -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["settings"]["event_subscriptions"]["bot_events"].append("reaction_added")
    needed = needed_scopes({*called(), "pins.add"}, KNOWN, manifest)
    assert {scope: needed[scope] for scope in set(needed) - SCOPES} == {
        "reactions:read": {"reaction_added"},
        "pins:write": {"pins.add"},
    }
