from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.server import SandboxSlack, Timing
from tests.sandbox.looking import DEV
from tests.sandbox.opening import opened, shown_modal, submitted, trigger
from tests.sandbox.raw_app import SILENT, raw_app
from tests.sandbox.slack_app import (
    wait_until,
)
from tests.sandbox.slack_blocks import (
    field,
    modal,
    plain,
    section,
    select,
    text_field,
)
from tests.sandbox.workspaces import StartSlack

TROUBLE = "We had some trouble connecting. Try again?"


def test_a_form_that_lacks_something_is_not_sent(sandbox_slack: SandboxSlack) -> None:
    short = field(
        {"type": "plain_text_input", "action_id": "note", "min_length": 5}, block_id="note"
    )
    with raw_app(sandbox_slack) as app:
        view = opened(sandbox_slack, app, modal(text_field("title"), short))
        assert submitted(sandbox_slack, view, title="", note="four") == {"ok": True}
        assert shown_modal(sandbox_slack)["errors"] == {
            "title": "Please complete this required field.",
            "note": "Write at least 5 characters.",
        }
        assert [payload.get("type") for payload in app.payloads] == [None]


def test_a_sent_form_carries_all_its_values(sandbox_slack: SandboxSlack) -> None:
    fields = (
        text_field("title"),
        text_field("note", optional=True),
        field(select("a", "b", action_id="env"), block_id="env"),
        field({"type": "users_select", "action_id": "who", "initial_user": DEV}, block_id="who"),
        field(
            {
                "type": "checkboxes",
                "action_id": "boxes",
                "options": [{"text": plain("x"), "value": "x"}],
            },
            block_id="boxes",
            optional=True,
        ),
    )
    with raw_app(sandbox_slack) as app:
        view = opened(sandbox_slack, app, modal(*fields, private_metadata="kept"))
        values = {
            "title": {"title": {"type": "plain_text_input", "value": "T"}},
            "env": {"env": {"type": "static_select", "selected_option": {"value": "b"}}},
        }
        assert sandbox_slack.act(DEV, do="submit", view_id=view["id"], values=values) == {
            "ok": True
        }
    sent = app.payloads[-1]
    assert (sent["type"], sent["user"]["id"], sent["view"]["callback_id"]) == (
        "view_submission",
        DEV,
        "form",
    )
    assert sent["view"]["private_metadata"] == "kept"
    assert sent["view"]["state"]["values"] == {
        "title": {"title": {"type": "plain_text_input", "value": "T"}},
        "note": {"note": {"type": "plain_text_input", "value": None}},
        "env": {
            "env": {
                "type": "static_select",
                "selected_option": {"text": plain("b"), "value": "b"},
            }
        },
        "who": {"who": {"type": "users_select", "selected_user": DEV}},
        "boxes": {"boxes": {"type": "checkboxes", "selected_options": []}},
    }
    assert sandbox_slack.state(DEV)["modal"] is None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (
            {"env": {"env": {"selected_option": {"value": "c"}}}},
            "The choice 'c' is not offered here.",
        ),
        ({"who": {"who": {"selected_user": "U09"}}}, "Nobody here has the id U09."),
        (
            {"none": {"none": {"value": "x"}}},
            "That control is not there any more. The message or form has changed since.",
        ),
    ],
)
def test_a_form_cannot_hold_what_it_does_not_offer(
    sandbox_slack: SandboxSlack, values: dict[str, Any], error: str
) -> None:
    fields = (
        field(select("a", "b", action_id="env"), block_id="env"),
        field({"type": "users_select", "action_id": "who"}, block_id="who"),
    )
    with raw_app(sandbox_slack) as app:
        view = opened(sandbox_slack, app, modal(*fields))
        answer = sandbox_slack.act(DEV, do="submit", view_id=view["id"], values=values)
    assert answer == {"ok": False, "error": error}


def test_the_ack_of_a_form_can_update_push_and_clear(sandbox_slack: SandboxSlack) -> None:
    answers: list[Any] = [
        {"response_action": "update", "view": modal(text_field("title"), section("again"))},
        {"response_action": "push", "view": modal(text_field("title"), title=plain("Second"))},
        {"response_action": "clear"},
    ]

    def answer(payload: dict[str, Any]) -> Any:
        return answers.pop(0) if payload.get("type") == "view_submission" else None

    with raw_app(sandbox_slack, answer) as app:
        view = opened(sandbox_slack, app, modal(text_field("title")))
        submitted(sandbox_slack, view, title="T")
        updated = shown_modal(sandbox_slack)["view"]
        assert (updated["id"], len(updated["blocks"])) == (view["id"], 2)
        submitted(sandbox_slack, updated, title="T")
        pushed = shown_modal(sandbox_slack)["view"]
        assert (pushed["title"]["text"], pushed["previous_view_id"]) == ("Second", view["id"])
        submitted(sandbox_slack, pushed, title="T")
        assert sandbox_slack.state(DEV)["modal"] is None
    assert sandbox_slack.state(DEV)["notices"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"none": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "dance"},
        {"text": "hello"},
    ],
)
def test_an_ack_that_slack_does_not_understand_leaves_the_form_open(
    sandbox_slack: SandboxSlack, body: dict[str, Any]
) -> None:
    with raw_app(
        sandbox_slack, lambda p: body if p.get("type") == "view_submission" else None
    ) as app:
        view = opened(sandbox_slack, app, modal(text_field("title")))
        submitted(sandbox_slack, view, title="T")
    assert shown_modal(sandbox_slack)["view"]["id"] == view["id"]
    assert [notice["text"] for notice in sandbox_slack.state(DEV)["notices"]] == [TROUBLE]


def test_a_form_that_is_not_acked_stays_open_with_what_was_typed(
    sandbox_start: StartSlack,
) -> None:
    slack = sandbox_start(timing=Timing(ack=0.1))
    with raw_app(slack, lambda p: SILENT if p.get("type") == "view_submission" else None) as app:
        view = opened(slack, app, modal(text_field("title")))
        submitted(slack, view, title="T")
    shown = shown_modal(slack)
    assert shown["busy"] is False
    assert shown["view"]["state"]["values"]["title"]["title"]["value"] == "T"
    assert slack.state(DEV)["notices"][0]["text"] == (
        "cache-release did not respond within 0.1 seconds"
    )


@pytest.mark.parametrize("notify", [True, False])
def test_the_app_hears_of_a_closed_form_if_it_asked_to(
    sandbox_slack: SandboxSlack, notify: bool
) -> None:
    with raw_app(sandbox_slack) as app:
        view = opened(sandbox_slack, app, modal(section(), notify_on_close=notify))
        sandbox_slack.act(DEV, do="close", view_id=view["id"])
        assert sandbox_slack.state(DEV)["modal"] is None
        if notify:
            wait_until(lambda: len(app.envelopes) == 2)
            closed = app.payloads[-1]
            assert (closed["type"], closed["is_cleared"]) == ("view_closed", False)
            assert closed["view"]["id"] == view["id"]
        else:
            trigger(sandbox_slack, app)
            assert [payload.get("type") for payload in app.payloads] == [None, None]
