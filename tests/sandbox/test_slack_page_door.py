from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.raw_app import raw_app
from tests.sandbox.slack_blocks import actions, button
from tests.sandbox.workspaces import StartSlack, client_of, sandbox_workspace

CHANNEL = "C01REL"
DEV = "U04DEV"


def live_url(slack: SandboxSlack, person: str = DEV) -> str:
    return f"{slack.url.replace('http', 'ws', 1)}page/live?as={person}"


def test_the_state_has_all_that_the_page_draws(sandbox_slack: SandboxSlack) -> None:
    state = requests.get(f"{sandbox_slack.url}page/state", params={"as": DEV}, timeout=5).json()
    assert state == sandbox_slack.state(DEV)
    assert set(state) == {
        "me", "people", "groups", "team", "bot", "channels", "commands", "shortcuts", "messages", "modal",
        "home", "notices", "links",
    }  # fmt: skip
    assert state["me"] == DEV
    assert state["people"][0] == {
        "id": "U01OWNER",
        "name": "olga",
        "real_name": "Olga",
        "note": "owner",
        "is_bot": False,
    }
    assert state["bot"] == {"id": "U0BOT", "name": "cache-release"}
    assert state["channels"][-1] == {
        "id": "D04DEV",
        "name": "cache-release",
        "topic": "",
        "im": True,
    }
    assert [command["command"] for command in state["commands"]] == ["/cache-release"]
    assert state["shortcuts"] == [
        {"callback_id": "status", "name": "Show release status"},
        {"callback_id": "add", "name": "Add to release"},
    ]
    assert set(state["messages"]) == {channel["id"] for channel in state["channels"]}


def test_the_page_shows_the_first_person_until_one_is_chosen(sandbox_slack: SandboxSlack) -> None:
    state = f"{sandbox_slack.url}page/state"
    assert requests.get(state, timeout=5).json()["me"] == "U01OWNER"
    assert requests.get(state, params={"as": "U09"}, timeout=5).status_code == 404


def test_links_of_the_workspace_are_handed_on(sandbox_start: StartSlack) -> None:
    links = [{"label": "Shop", "url": "http://127.0.0.1:9102"}]
    slack = sandbox_start(replace(sandbox_workspace(), links=links))
    assert slack.state(DEV)["links"] == links


def test_the_page_and_its_files_are_served(sandbox_slack: SandboxSlack) -> None:
    page = requests.get(sandbox_slack.url, timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    script = requests.get(f"{sandbox_slack.url}static/main.js", timeout=5)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert requests.get(f"{sandbox_slack.url}static/../server.py", timeout=5).status_code == 404


def test_every_change_is_pushed_to_the_people_who_see_it(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    with connect(live_url(sandbox_slack), proxy=None) as page:
        assert json.loads(page.recv(timeout=5)) == sandbox_slack.state(DEV)
        sandbox_client.chat_postMessage(channel=CHANNEL, text="one")
        state = json.loads(page.recv(timeout=5))
        assert [message["text"] for message in state["messages"][CHANNEL]] == ["one"]
        sandbox_client.chat_postEphemeral(channel=CHANNEL, user="U01OWNER", text="not for you")
        state = json.loads(page.recv(timeout=5))
        assert [message["text"] for message in state["messages"][CHANNEL]] == ["one"]


def test_many_changes_come_in_few_pushes_and_the_last_is_complete(
    sandbox_start: StartSlack,
) -> None:
    slack = sandbox_start(strict_rates=False)
    client = client_of(slack)
    with connect(live_url(slack), proxy=None) as page:
        started = time.monotonic()
        for number in range(40):
            client.chat_postMessage(channel=CHANNEL, text=str(number))
        pushes = 0
        texts: list[str] = []
        while len(texts) < 40:
            state = json.loads(page.recv(timeout=5))
            texts = [message["text"] for message in state["messages"][CHANNEL]]
            pushes += 1
        assert pushes <= (time.monotonic() - started) / 0.05 + 2


def test_another_site_can_neither_watch_nor_act(sandbox_slack: SandboxSlack) -> None:
    with pytest.raises(InvalidStatus):
        connect(live_url(sandbox_slack), proxy=None, origin=Origin("http://evil.example"))
    act = json.dumps({"as": DEV, "do": "message", "channel": CHANNEL, "text": "x"})
    answer = requests.post(
        f"{sandbox_slack.url}page/act", data=act, headers={"Content-Type": "text/plain"}, timeout=5
    )
    assert answer.status_code == 415
    assert sandbox_slack.state(DEV)["messages"][CHANNEL] == []


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_an_act_has_to_be_an_object(sandbox_slack: SandboxSlack, body: bytes) -> None:
    answer = requests.post(
        f"{sandbox_slack.url}page/act",
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["ok"]) == (400, False)


def test_an_act_of_the_page_does_what_the_same_act_of_a_test_does(
    sandbox_slack: SandboxSlack,
) -> None:
    act = {"as": DEV, "do": "message", "channel": CHANNEL, "text": "hello"}
    answer = requests.post(f"{sandbox_slack.url}page/act", json=act, timeout=5)
    assert answer.json() == {"ok": True}
    assert sandbox_slack.act(DEV, do="message", channel=CHANNEL, text="again") == {"ok": True}
    messages = sandbox_slack.state(DEV)["messages"][CHANNEL]
    assert [message["text"] for message in messages] == ["hello", "again"]


def test_presses_of_many_people_at_once_are_all_acked_quickly(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    card = actions(button(action_id="a"), block_id="row")
    ts = sandbox_client.chat_postMessage(channel=CHANNEL, text="x", blocks=[card])["ts"]
    answers: list[dict[str, Any]] = []

    def press() -> None:
        place = {"channel": CHANNEL, "ts": ts, "block_id": "row", "action_id": "a"}
        answers.append(sandbox_slack.act(DEV, do="press", **place))

    with raw_app(sandbox_slack) as app:
        threads = [threading.Thread(target=press) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [{"ok": True}] * 50
        assert len({payload["trigger_id"] for payload in app.payloads}) == 50
    assert len(sandbox_slack.ack_times) == 50
    assert max(sandbox_slack.ack_times) < 1.5
    sandbox_slack.ack_times.clear()
    assert sandbox_slack.ack_times == []


def test_a_port_that_is_taken_is_an_error(
    sandbox_slack: SandboxSlack, sandbox_start: StartSlack
) -> None:
    port = int(sandbox_slack.url.rsplit(":", 1)[1].strip("/"))
    with pytest.raises(OSError, match="in use"):
        sandbox_start(port=port)
