from __future__ import annotations

from typing import Any

import requests
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.sandbox.slack.server import SandboxSlack, Timing
from tests.sandbox.looking import CHANNEL, DEV, seen
from tests.sandbox.pressing import post, press
from tests.sandbox.raw_app import RawApp, raw_app
from tests.sandbox.slack_blocks import (
    actions,
    button,
    section,
)
from tests.sandbox.workspaces import StartSlack


def response_url(slack: SandboxSlack, app: RawApp) -> str:
    slack.act(DEV, do="command", channel=CHANNEL, text="/cache-release x")
    return str(app.payloads[-1]["response_url"])


def test_a_response_url_is_good_five_times(sandbox_slack: SandboxSlack) -> None:
    with raw_app(sandbox_slack) as app:
        url = response_url(sandbox_slack, app)
    sent = [WebhookClient(url).send(text=f"{number}").status_code for number in range(5)]
    assert sent == [200] * 5
    used = requests.post(url, json={"text": "6"}, timeout=5)
    assert (used.status_code, used.json()["error"]) == (404, "used_url")
    assert [(m["text"], m["ephemeral"]) for m in seen(sandbox_slack)] == [
        (f"{number}", True) for number in range(5)
    ]
    assert seen(sandbox_slack, "U01OWNER") == []


def test_a_response_url_expires(sandbox_start: StartSlack) -> None:
    slack = sandbox_start(timing=Timing(response_url=0.0))
    with raw_app(slack) as app:
        answer = requests.post(response_url(slack, app), json={"text": "x"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")
    other = requests.post(f"{slack.url}response/none", json={"text": "x"}, timeout=5)
    assert (other.status_code, other.json()["error"]) == (404, "invalid_url")


def test_a_response_url_can_answer_in_the_channel_and_in_a_thread(
    sandbox_slack: SandboxSlack,
) -> None:
    root = post(sandbox_slack, section())
    with raw_app(sandbox_slack) as app:
        hook = WebhookClient(response_url(sandbox_slack, app))
    hook.send_dict({"text": "all", "response_type": "in_channel"})
    hook.send_dict({"text": "thread", "thread_ts": root})
    wrong = hook.send_dict({"text": "x", "blocks": [section("")]})
    assert wrong.status_code == 400
    shown = [(m["text"], m["ephemeral"], m["thread_ts"]) for m in seen(sandbox_slack)[1:]]
    assert shown == [("all", False, None), ("thread", True, root)]


def test_a_response_url_of_a_press_can_replace_and_delete_even_an_ephemeral_message(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    card = actions(button(action_id="a"), block_id="row")
    sandbox_client.chat_postEphemeral(channel=CHANNEL, user=DEV, text="x", blocks=[card])
    ts = seen(sandbox_slack)[0]["ts"]
    with raw_app(sandbox_slack) as app:
        press(sandbox_slack, ts, "a")
    hook = WebhookClient(app.payloads[0]["response_url"])
    assert hook.send_dict({"text": "done", "replace_original": True}).body == "ok"
    assert [(m["ts"], m["text"], m["blocks"]) for m in seen(sandbox_slack)] == [(ts, "done", [])]
    hook.send_dict({"delete_original": True})
    assert seen(sandbox_slack) == []
    again = hook.send_dict({"delete_original": True})
    assert (again.status_code, '"message_not_found"' in again.body) == (400, True)


def test_a_response_url_cannot_change_what_a_person_wrote(sandbox_slack: SandboxSlack) -> None:
    sandbox_slack.act(DEV, do="message", channel=CHANNEL, text="mine")
    ts = seen(sandbox_slack)[0]["ts"]
    with raw_app(sandbox_slack) as app:
        sandbox_slack.act(DEV, do="shortcut", callback_id="status", channel=CHANNEL, ts=ts)
    bodies: list[dict[str, Any]] = [
        {"text": "x", "replace_original": True},
        {"delete_original": True},
    ]
    url = app.payloads[0]["response_url"]
    answers = [requests.post(url, json=body, timeout=5).json()["error"] for body in bodies]
    assert answers == ["cant_update_message"] * 2
    assert [message["text"] for message in seen(sandbox_slack)] == ["mine"]


def test_a_response_url_can_be_made_to_fail(sandbox_slack: SandboxSlack) -> None:
    with raw_app(sandbox_slack) as app:
        url = response_url(sandbox_slack, app)
    sandbox_slack.fail_next("response_url", status=503)
    answers = [requests.post(url, json={"text": "x"}, timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 200]
