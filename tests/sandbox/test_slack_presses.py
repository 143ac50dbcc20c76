from __future__ import annotations

from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, DEV, seen
from tests.sandbox.opening import opened
from tests.sandbox.pressing import post, press
from tests.sandbox.raw_app import raw_app
from tests.sandbox.slack_blocks import (
    actions,
    button,
    modal,
    option,
    section,
    select,
    text_field,
)
from tests.sandbox.workspaces import client_of

GONE = "That control is not there any more. The message or form has changed since."


def test_a_press_carries_the_message_and_the_value_that_was_posted(
    sandbox_slack: SandboxSlack,
) -> None:
    root = post(sandbox_slack, section())
    ts = post(
        sandbox_slack,
        actions(button("Run", action_id="run", value="R-1", style="primary"), block_id="row"),
        thread_ts=root,
    )
    with raw_app(sandbox_slack) as app:
        forged = {"type": "button", "value": "R-2"}
        assert press(sandbox_slack, ts, "run", element=forged) == {"ok": True}
    (payload,) = app.payloads
    (action,) = payload["actions"]
    assert (action.pop("action_ts") > "1", action) == (
        True,
        {
            "type": "button",
            "block_id": "row",
            "action_id": "run",
            "text": {"type": "plain_text", "text": "Run"},
            "value": "R-1",
            "style": "primary",
        },
    )
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": CHANNEL,
        "is_ephemeral": False,
        "thread_ts": root,
    }
    assert (payload["message"]["ts"], payload["message"]["thread_ts"]) == (ts, root)
    assert payload["user"] == {
        "id": DEV,
        "username": "dana",
        "name": "dana",
        "team_id": "T01SANDBOX",
    }
    assert len(sandbox_slack.ack_times) == 1


def test_a_button_that_an_update_took_away_cannot_be_pressed(sandbox_slack: SandboxSlack) -> None:
    ts = post(sandbox_slack, actions(button(action_id="run"), block_id="row"))
    client_of(sandbox_slack).chat_update(channel=CHANNEL, ts=ts, text="done", blocks=[section()])
    with raw_app(sandbox_slack) as app:
        assert press(sandbox_slack, ts, "run") == {"ok": False, "error": GONE}
        assert app.envelopes == []


def test_an_ephemeral_message_is_pressed_by_its_reader_and_is_not_in_the_payload(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    sandbox_client.chat_postEphemeral(
        channel=CHANNEL, user=DEV, text="x", blocks=[actions(button(action_id="a"), block_id="row")]
    )
    ts = seen(sandbox_slack)[0]["ts"]
    with raw_app(sandbox_slack) as app:
        assert press(sandbox_slack, ts, "a", person="U01OWNER")["error"] == (
            "This message is not there any more."
        )
        assert press(sandbox_slack, ts, "a") == {"ok": True}
        shortcut = sandbox_slack.act(
            DEV, do="shortcut", callback_id="status", channel=CHANNEL, ts=ts
        )
    assert shortcut["error"] == "Shortcuts do not work on messages that only you can see."
    (payload,) = app.payloads
    assert (payload["container"]["is_ephemeral"], "message" in payload) == (True, False)


def test_what_a_menu_in_a_message_holds_goes_along_with_later_presses(
    sandbox_slack: SandboxSlack,
) -> None:
    menu = {"type": "overflow", "action_id": "more", "options": [option("note"), option("abandon")]}
    ts = post(
        sandbox_slack,
        actions(select("a", "b", action_id="env"), menu, button(action_id="go"), block_id="row"),
    )
    with raw_app(sandbox_slack) as app:
        chosen = {"type": "static_select", "selected_option": {"value": "b"}}
        press(sandbox_slack, ts, "env", element=chosen)
        press(sandbox_slack, ts, "more", element={"selected_option": {"value": "abandon"}})
        press(sandbox_slack, ts, "go")
        wrong = press(sandbox_slack, ts, "env", element={"selected_option": {"value": "c"}})
    first, second, third = app.payloads
    assert first["actions"][0]["selected_option"] == option("b")
    assert second["actions"][0]["selected_option"] == option("abandon")
    held = {"row": {"env": {"type": "static_select", "selected_option": option("b")}}}
    assert third["state"]["values"] == held
    assert wrong == {"ok": False, "error": "The choice 'c' is not offered here."}


def test_a_press_in_a_form_carries_the_values_typed_so_far(sandbox_slack: SandboxSlack) -> None:
    blocks = (text_field("title"), actions(button(action_id="more", value="v"), block_id="row"))
    with raw_app(sandbox_slack) as app:
        view = opened(sandbox_slack, app, modal(*blocks))
        pressed = sandbox_slack.act(
            DEV,
            do="press",
            view_id=view["id"],
            block_id="row",
            action_id="more",
            element={"type": "button", "value": "forged"},
            values={"title": {"title": {"type": "plain_text_input", "value": "half"}}},
        )
        assert pressed == {"ok": True}
        payload = app.payloads[-1]
    assert payload["view"]["state"]["values"]["title"]["title"]["value"] == "half"
    assert (payload["actions"][0]["value"], payload["actions"][0]["type"]) == ("v", "button")
    assert "response_url" not in payload
