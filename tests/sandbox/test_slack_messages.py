from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, refusal, seen
from tests.sandbox.slack_blocks import (
    actions,
    button,
    section,
)

CANNOT_POST: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown channel": ({"channel": "C09NONE", "text": "x"}, "channel_not_found"),
    "an unknown person": ({"channel": "U09NOBODY", "text": "x"}, "channel_not_found"),
    "a private channel without the bot": (
        {"channel": "C04SECRET", "text": "x"},
        "channel_not_found",
    ),
    "a public channel without the bot": ({"channel": "C02RANDOM", "text": "x"}, "not_in_channel"),
    "an archived channel": ({"channel": "C03OLD", "text": "x"}, "is_archived"),
    "nothing to say": ({"channel": CHANNEL}, "no_text"),
    "too long a text": ({"channel": CHANNEL, "text": "x" * 40_001}, "msg_too_long"),
    "blocks that are no list": (
        {"channel": CHANNEL, "text": "x", "blocks": '{"type": "divider"}'},
        "invalid_blocks_format",
    ),
    "blocks that are no JSON": (
        {"channel": CHANNEL, "text": "x", "blocks": "[{"},
        "invalid_blocks_format",
    ),
    "a thread that is not there": (
        {"channel": CHANNEL, "text": "x", "thread_ts": "1.000001"},
        "thread_not_found",
    ),
    "metadata without a type": (
        {"channel": CHANNEL, "text": "x", "metadata": {"event_payload": {}}},
        "invalid_metadata_format",
    ),
    "metadata that is too large": (
        {
            "channel": CHANNEL,
            "text": "x",
            "metadata": {"event_type": "t", "event_payload": {"a": "x" * 8000}},
        },
        "metadata_too_large",
    ),
}


@pytest.mark.parametrize("name", CANNOT_POST)
def test_what_slack_does_not_post_is_refused_by_name(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient, name: str
) -> None:
    arguments, error = CANNOT_POST[name]
    answer = refusal(lambda: sandbox_client.api_call("chat.postMessage", json=arguments))
    assert answer["error"] == error
    assert sandbox_slack.calls[-1].error == error
    assert seen(sandbox_slack) == []


def test_invalid_blocks_are_refused_with_the_messages_that_slack_sends(
    sandbox_client: WebClient,
) -> None:
    blocks = [section("x" * 3001)]
    answer = refusal(
        lambda: sandbox_client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)
    )
    what = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [what],
        "response_metadata": {"messages": [f"[ERROR] {what}"]},
    }


@pytest.mark.parametrize("way", ["json", "params", "data"])
def test_a_message_may_come_as_json_in_the_address_and_as_form(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient, way: str
) -> None:
    arguments = {"channel": CHANNEL, "text": "Ünïcode & <tags>"}
    ways: dict[str, Any] = {way: arguments}
    sandbox_client.api_call("chat.postMessage", **ways)
    assert [message["text"] for message in seen(sandbox_slack)] == ["Ünïcode & <tags>"]
    assert sandbox_slack.calls[-1].args == arguments


def test_a_posted_message_is_seen_by_everybody_with_ids_filled_in(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    posted = sandbox_client.chat_postMessage(
        channel=CHANNEL, text="A card", blocks=[section(), actions(button())]
    )
    (message,) = seen(sandbox_slack, "U05GUEST")
    assert message["ts"] == posted["ts"]
    assert (message["user"], message["name"], message["is_bot"]) == ("U0BOT", "cache-release", True)
    assert message["blocks"] == posted["message"]["blocks"]
    ids = [block["block_id"] for block in message["blocks"]]
    assert len(set(ids)) == 2
    assert message["blocks"][1]["elements"][0]["action_id"]


def test_blocks_without_text_are_posted_with_a_warning(sandbox_client: WebClient) -> None:
    posted = sandbox_client.api_call(
        "chat.postMessage", json={"channel": CHANNEL, "blocks": [section()]}
    )
    assert posted["response_metadata"] == {"warnings": ["missing_text_in_message"]}


def test_a_message_to_a_person_arrives_in_the_direct_channel_of_that_person_alone(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    posted = sandbox_client.chat_postMessage(channel="U04DEV", text="For you")
    assert posted["channel"] == "D04DEV"
    assert [message["text"] for message in seen(sandbox_slack, "U04DEV", "D04DEV")] == ["For you"]
    assert "D04DEV" not in sandbox_slack.state("U01OWNER")["messages"]


def test_replies_go_to_the_first_message_of_a_thread_and_to_no_reply(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    root = sandbox_client.chat_postMessage(channel=CHANNEL, text="root")["ts"]
    reply = sandbox_client.chat_postMessage(
        channel=CHANNEL, text="reply", thread_ts=root, reply_broadcast=True
    )["ts"]
    answer = refusal(
        lambda: sandbox_client.chat_postMessage(channel=CHANNEL, text="x", thread_ts=reply)
    )
    assert answer["error"] == "thread_not_found"
    first, second = seen(sandbox_slack)
    assert (first["reply_count"], first["thread_ts"]) == (1, None)
    assert (second["thread_ts"], second["broadcast"]) == (root, True)
