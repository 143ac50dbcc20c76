from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, Call, refusal, seen
from tests.sandbox.workspaces import StartSlack, client_of, sandbox_workspace


def test_people_and_groups_are_told_of(sandbox_client: WebClient) -> None:
    guest = sandbox_client.users_info(user="U05GUEST")["user"]
    assert (guest["name"], guest["is_restricted"], guest["is_bot"]) == ("gus", True, False)
    assert sandbox_client.users_info(user="U0BOT")["user"]["is_bot"] is True
    (group,) = sandbox_client.usergroups_list(include_users=True)["usergroups"]
    assert (group["handle"], group["users"]) == ("cache-approvers", ["U02APPROVER"])
    assert "users" not in sandbox_client.usergroups_list()["usergroups"][0]
    assert sandbox_client.usergroups_users_list(usergroup="S01CACHE")["users"] == ["U02APPROVER"]


def test_those_who_are_no_members_are_told_apart(sandbox_client: WebClient) -> None:
    signs = ("deleted", "is_bot", "is_stranger", "is_restricted", "team_id")
    found = {
        user: {sign for sign in signs if person.get(sign) not in {None, False, "T01SANDBOX"}}
        for user in ("U04DEV", "U05GUEST", "U06LEFT", "U07ROBOT", "U08PARTNER")
        for person in [sandbox_client.users_info(user=user)["user"]]
    }
    assert found == {
        "U04DEV": set(),
        "U05GUEST": {"is_restricted"},
        "U06LEFT": {"deleted"},
        "U07ROBOT": {"is_bot"},
        "U08PARTNER": {"is_stranger", "team_id"},
    }


def test_a_person_is_found_by_their_address_and_only_members_are(
    sandbox_start: StartSlack,
) -> None:
    workspace = sandbox_workspace()
    people = (replace(workspace.people[0], email="Olga@shop.example"), *workspace.people[1:])
    left = replace(workspace.others[0], email="lena@shop.example")
    client = client_of(sandbox_start(replace(workspace, people=people, others=(left,))))
    found = client.users_lookupByEmail(email="olga@shop.example")["user"]
    assert (found["id"], found["profile"]["email"]) == ("U01OWNER", "Olga@shop.example")
    for email in ("lena@shop.example", "nobody@shop.example"):
        refused = refusal(partial(client.users_lookupByEmail, email=email))
        assert refused["error"] == "users_not_found"


UNKNOWN: dict[str, tuple[Call, str]] = {
    "person": (lambda c: c.users_info(user="U09"), "user_not_found"),
    "group": (lambda c: c.usergroups_users_list(usergroup="S09"), "no_such_subteam"),
    "channel": (lambda c: c.conversations_info(channel="C04SECRET"), "channel_not_found"),
    "thread": (lambda c: c.conversations_replies(channel=CHANNEL, ts="1.1"), "thread_not_found"),
    "reader": (lambda c: c.conversations_open(users="U09"), "user_not_found"),
    "message to react to": (
        lambda c: c.reactions_add(channel=CHANNEL, timestamp="1.1", name="eyes"),
        "message_not_found",
    ),
    "message to pin": (
        lambda c: c.pins_add(channel=CHANNEL, timestamp="1.1"),
        "message_not_found",
    ),
    "thread in a channel without the bot": (
        lambda c: c.conversations_replies(channel="C02RANDOM", ts="1.1"),
        "not_in_channel",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_there_is_refused_by_name(sandbox_client: WebClient, name: str) -> None:
    call, error = UNKNOWN[name]
    assert refusal(lambda: call(sandbox_client))["error"] == error


def test_a_direct_channel_can_be_opened_and_told_of(sandbox_client: WebClient) -> None:
    assert sandbox_client.conversations_open(users="U04DEV")["channel"] == {"id": "D04DEV"}
    info = sandbox_client.conversations_info(channel="D04DEV")["channel"]
    assert (info["is_im"], info["user"]) == (True, "U04DEV")


def test_a_thread_is_read_in_pages_from_any_of_its_messages(sandbox_client: WebClient) -> None:
    root = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="root")["ts"])
    sandbox_client.chat_postMessage(channel=CHANNEL, text="one", thread_ts=root)
    last = sandbox_client.chat_postMessage(channel=CHANNEL, text="two", thread_ts=root)["ts"]
    first = sandbox_client.conversations_replies(channel=CHANNEL, ts=str(last), limit=2)
    assert [message["text"] for message in first["messages"]] == ["root", "one"]
    assert first["messages"][0]["reply_count"] == 2
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    rest = sandbox_client.conversations_replies(channel=CHANNEL, ts=root, limit=2, cursor=cursor)
    assert [message["text"] for message in rest["messages"]] == ["two"]
    assert rest["has_more"] is False


def test_reactions_and_pins_are_put_once(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    ts = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="x")["ts"])
    sandbox_client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
    sandbox_client.pins_add(channel=CHANNEL, timestamp=ts)
    (message,) = seen(sandbox_slack)
    assert (message["reactions"], message["pinned"]) == ([{"name": "eyes", "count": 1}], True)
    twice: list[Call] = [
        lambda c: c.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes"),
        lambda c: c.pins_add(channel=CHANNEL, timestamp=ts),
        lambda c: c.reactions_add(channel=CHANNEL, timestamp=ts, name="no name"),
    ]
    errors = [refusal(lambda: call(sandbox_client))["error"] for call in twice]  # noqa: B023
    assert errors == ["already_reacted", "already_pinned", "invalid_name"]
