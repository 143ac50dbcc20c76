from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.validate import view_problems
from tests.sandbox.slack_blocks import (
    actions,
    button,
    field,
    home,
    modal,
    mrkdwn,
    plain,
    section,
    text_field,
)

BROKEN_VIEWS: dict[str, tuple[str, Any, str, str]] = {
    "title": (
        "modal",
        modal(title=plain("x" * 25)),
        "/view/title/text",
        "must be less than 25 characters",
    ),
    "no title": (
        "modal",
        {"type": "modal", "blocks": []},
        "/view",
        "missing required field: title",
    ),
    "submit": (
        "modal",
        modal(submit=plain("x" * 25)),
        "/view/submit/text",
        "must be less than 25 characters",
    ),
    "an input without submit": (
        "modal",
        {"type": "modal", "title": plain("x"), "blocks": [text_field("a")]},
        "/view/blocks/0/input",
        "must define `submit` to use `input` block",
    ),
    "private_metadata": (
        "modal",
        modal(private_metadata="x" * 3001),
        "/view/private_metadata",
        "must be less than 3001 characters",
    ),
    "101 blocks": (
        "modal",
        modal(*[{"type": "divider"}] * 101),
        "/view/blocks",
        "no more than 100 items allowed",
    ),
    "a table in a modal": (
        "modal",
        modal({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}),
        "/view/blocks/0/type",
        "block type `table` is not allowed in a modal",
    ),
    "a title on App Home": (
        "home",
        {**home(section()), "title": plain("x")},
        "/view",
        "invalid additional property: title",
    ),
    "a modal as App Home": ("home", modal(), "/view/type", "must be a valid enum value"),
    "input label": (
        "modal",
        modal(field({"type": "plain_text_input"}, label=mrkdwn("x"))),
        "/view/blocks/0/label/type",
        "unsupported type: mrkdwn",
    ),
    "a view that is no object": ("modal", "words", "/view", "must provide an object"),
}


@pytest.mark.parametrize("name", BROKEN_VIEWS)
def test_views_that_slack_refuses_are_named_with_their_place(name: str) -> None:
    surface, view, where, what = BROKEN_VIEWS[name]
    assert (where, what) in view_problems(view, surface=surface)


def test_a_modal_and_an_app_home_may_hold_what_they_hold() -> None:
    assert view_problems(modal(text_field("a"), section()), surface="modal") == []
    assert view_problems(home(text_field("a"), actions(button())), surface="home") == []
