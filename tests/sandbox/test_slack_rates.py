from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack.server import Rate, SandboxSlack
from tests.sandbox.looking import CHANNEL, refusal, seen
from tests.sandbox.workspaces import StartSlack, client_of


def test_ten_messages_may_come_at_once_and_the_next_has_to_wait(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    for number in range(10):
        sandbox_client.chat_postMessage(channel=CHANNEL, text=str(number))
    answer = requests.post(
        f"{sandbox_slack.api_url}chat.postMessage",
        json={"channel": CHANNEL, "text": "x"},
        headers={"Authorization": "Bearer xoxb-sandbox"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["error"]) == (429, "ratelimited")
    assert 8 <= int(answer.headers["Retry-After"]) <= 10
    assert len(seen(sandbox_slack)) == 10
    sandbox_client.chat_postMessage(channel="C05TEAM", text="another channel has its own rate")


@pytest.mark.parametrize(
    ("method", "arguments", "limit"),
    [
        ("usergroups.list", {}, 20),
        ("chat.update", {"channel": CHANNEL, "ts": "1.1", "text": "x"}, 50),
        ("users.info", {"user": "U04DEV"}, 100),
    ],
)
def test_a_method_may_be_called_as_often_as_its_tier_says(
    sandbox_slack: SandboxSlack, method: str, arguments: dict[str, str], limit: int
) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer xoxb-sandbox"
        statuses = [
            session.post(f"{sandbox_slack.api_url}{method}", data=arguments, timeout=5).status_code
            for _ in range(limit + 1)
        ]
    assert statuses == [200] * limit + [429]


def test_rates_can_be_loosened_and_tightened(sandbox_start: StartSlack) -> None:
    slack = sandbox_start(strict_rates=False)
    client = client_of(slack)
    for number in range(30):
        client.chat_postMessage(channel=CHANNEL, text=str(number))
    slack.set_rate("auth.test", Rate(calls=1, seconds=0.2))
    client.auth_test()
    assert refusal(client.auth_test)["error"] == "ratelimited"
    time.sleep(0.25)
    assert client.auth_test()["ok"] is True


def test_the_next_calls_can_be_made_to_fail(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    sandbox_slack.fail_next("auth.test", "internal_error", times=2)
    assert [refusal(sandbox_client.auth_test)["error"] for _ in range(2)] == ["internal_error"] * 2
    assert sandbox_client.auth_test()["ok"] is True
    assert [call.error for call in sandbox_slack.calls] == ["internal_error"] * 2 + [None]


def test_the_next_call_can_meet_a_bare_status_and_a_delay(sandbox_slack: SandboxSlack) -> None:
    sandbox_slack.fail_next("auth.test", status=503, delay=0.2, retry_after=7)
    started = time.monotonic()
    answer = requests.post(f"{sandbox_slack.api_url}auth.test", timeout=5)
    assert time.monotonic() - started >= 0.2
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_the_next_answer_can_be_lost_after_the_call_took_effect(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    sandbox_slack.fail_next("chat.postMessage", status=500, after=True)
    with pytest.raises(SlackApiError) as failed:
        sandbox_client.chat_postMessage(channel=CHANNEL, text="lost")
    assert failed.value.response.status_code == 500
    assert [message["text"] for message in seen(sandbox_slack)] == ["lost"]


def test_calls_are_listed_with_what_was_sent_and_when(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    before = datetime.now(UTC)
    sandbox_client.users_info(user="U04DEV")
    (call,) = sandbox_slack.calls
    assert (call.method, call.args["user"], call.error) == ("users.info", "U04DEV", None)
    assert before <= call.at <= before + timedelta(seconds=5)
