from __future__ import annotations

from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, refusal, seen
from tests.sandbox.slack_blocks import (
    section,
)


def test_an_update_with_blocks_leaves_no_edited_mark_and_one_without_takes_them_away(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    ts = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="1", blocks=[section()])["ts"])
    sandbox_client.chat_update(channel=CHANNEL, ts=ts, text="2", blocks=[section("two")])
    (message,) = seen(sandbox_slack)
    assert (message["text"], message["edited"]) == ("2", False)
    assert message["blocks"][0]["text"]["text"] == "two"
    sandbox_client.chat_update(channel=CHANNEL, ts=ts, text="3")
    (message,) = seen(sandbox_slack)
    assert (message["text"], message["blocks"], message["edited"]) == ("3", [], True)


def test_only_messages_of_the_bot_may_be_changed_or_deleted(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    sandbox_slack.act("U04DEV", do="message", channel=CHANNEL, text="mine")
    ts = seen(sandbox_slack)[0]["ts"]
    at: dict[str, Any] = {"channel": CHANNEL, "ts": ts}
    assert refusal(lambda: sandbox_client.chat_update(**at, text="x"))["error"] == (
        "cant_update_message"
    )
    assert refusal(lambda: sandbox_client.chat_delete(**at))["error"] == "cant_delete_message"
    gone: dict[str, Any] = {"channel": CHANNEL, "ts": "1.000001"}
    assert refusal(lambda: sandbox_client.chat_update(**gone, text="x"))["error"] == (
        "message_not_found"
    )
    assert refusal(lambda: sandbox_client.chat_delete(**gone))["error"] == "message_not_found"


def test_an_updated_text_may_have_4000_characters(sandbox_client: WebClient) -> None:
    ts = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="1")["ts"])
    sandbox_client.chat_update(channel=CHANNEL, ts=ts, text="x" * 4000)
    answer = refusal(lambda: sandbox_client.chat_update(channel=CHANNEL, ts=ts, text="x" * 4001))
    assert answer["error"] == "msg_too_long"


def test_a_deleted_message_is_gone(sandbox_slack: SandboxSlack, sandbox_client: WebClient) -> None:
    ts = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="1")["ts"])
    sandbox_client.chat_delete(channel=CHANNEL, ts=ts)
    assert seen(sandbox_slack) == []


def test_an_ephemeral_message_is_seen_by_its_reader_alone_and_cannot_be_updated(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    ts = str(
        sandbox_client.chat_postEphemeral(channel=CHANNEL, user="U04DEV", text="Only you")[
            "message_ts"
        ]
    )
    (message,) = seen(sandbox_slack, "U04DEV")
    assert (message["text"], message["ephemeral"]) == ("Only you", True)
    assert seen(sandbox_slack, "U01OWNER") == []
    answer = refusal(lambda: sandbox_client.chat_update(channel=CHANNEL, ts=ts, text="x"))
    assert answer["error"] == "message_not_found"


@pytest.mark.parametrize(("channel", "user"), [(CHANNEL, "U09NOBODY"), ("D01OWNER", "U04DEV")])
def test_an_ephemeral_message_needs_a_reader_who_is_there(
    sandbox_client: WebClient, channel: str, user: str
) -> None:
    answer = refusal(
        lambda: sandbox_client.chat_postEphemeral(channel=channel, user=user, text="x")
    )
    assert answer["error"] == "user_not_in_channel"


def test_a_permalink_leads_to_the_page(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    root = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="root")["ts"])
    reply = str(
        sandbox_client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root)["ts"]
    )
    link = sandbox_client.chat_getPermalink(channel=CHANNEL, message_ts=reply)["permalink"]
    assert link == (
        f"{sandbox_slack.url}archives/{CHANNEL}/p{reply.replace('.', '')}"
        f"?thread_ts={root}&cid={CHANNEL}"
    )
    page = requests.get(str(link), timeout=5)
    assert page.text == requests.get(sandbox_slack.url, timeout=5).text
    answer = refusal(lambda: sandbox_client.chat_getPermalink(channel=CHANNEL, message_ts="1.1"))
    assert answer["error"] == "message_not_found"


def test_metadata_is_kept_over_an_update_and_read_back_where_it_is_asked_for(
    sandbox_client: WebClient,
) -> None:
    metadata = {"event_type": "release", "event_payload": {"release": 42}}
    ts = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="1", metadata=metadata)["ts"])
    sandbox_client.chat_update(channel=CHANNEL, ts=ts, text="2")
    whole = sandbox_client.conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == metadata
    bare = sandbox_client.conversations_replies(channel=CHANNEL, ts=ts)
    assert "metadata" not in bare["messages"][0]
