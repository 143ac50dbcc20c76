from __future__ import annotations

from typing import Any

import pytest
import requests

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, Call, refusal
from tests.sandbox.workspaces import StartSlack, client_of, sandbox_manifest_with, sandbox_workspace

NEEDS: dict[str, tuple[Call, str]] = {
    "chat.postMessage": (lambda c: c.chat_postMessage(channel=CHANNEL, text="x"), "chat:write"),
    "chat.update": (lambda c: c.chat_update(channel=CHANNEL, ts="1.1", text="x"), "chat:write"),
    "chat.delete": (lambda c: c.chat_delete(channel=CHANNEL, ts="1.1"), "chat:write"),
    "chat.postEphemeral": (
        lambda c: c.chat_postEphemeral(channel=CHANNEL, user="U04DEV", text="x"),
        "chat:write",
    ),
    "users.info": (lambda c: c.users_info(user="U04DEV"), "users:read"),
    "usergroups.list": (lambda c: c.usergroups_list(), "usergroups:read"),
    "usergroups.users.list": (
        lambda c: c.usergroups_users_list(usergroup="S01CACHE"),
        "usergroups:read",
    ),
    "conversations.open": (
        lambda c: c.conversations_open(users="U04DEV"),
        "im:write,mpim:write,channels:manage,groups:write",
    ),
    "conversations.info": (
        lambda c: c.conversations_info(channel=CHANNEL),
        "channels:read,groups:read,im:read",
    ),
    "conversations.replies": (
        lambda c: c.conversations_replies(channel=CHANNEL, ts="1.1"),
        "channels:history,groups:history,im:history",
    ),
    "reactions.add": (
        lambda c: c.reactions_add(channel=CHANNEL, timestamp="1.1", name="eyes"),
        "reactions:write",
    ),
    "pins.add": (lambda c: c.pins_add(channel=CHANNEL, timestamp="1.1"), "pins:write"),
    "files.getUploadURLExternal": (
        lambda c: c.files_getUploadURLExternal(filename="a", length=1),
        "files:write",
    ),
    "files.completeUploadExternal": (
        lambda c: c.files_completeUploadExternal(files=[{"id": "F1", "title": "a"}]),
        "files:write",
    ),
}


def without_scopes(manifest: Any) -> None:
    manifest["oauth_config"]["scopes"]["bot"] = ["commands"]


@pytest.mark.parametrize("method", NEEDS)
def test_a_method_whose_scope_the_manifest_lacks_is_refused(
    sandbox_start: StartSlack, method: str
) -> None:
    slack = sandbox_start(sandbox_manifest_with(sandbox_workspace(), without_scopes))
    call, needed = NEEDS[method]
    assert refusal(lambda: call(client_of(slack))) == {
        "ok": False,
        "error": "missing_scope",
        "needed": needed,
        "provided": "commands",
    }
    assert [(one.method, one.error) for one in slack.calls] == [(method, "missing_scope")]


def test_the_read_scope_has_to_be_that_of_the_kind_of_conversation(
    sandbox_start: StartSlack,
) -> None:
    slack = sandbox_start(sandbox_workspace(scopes=("channels:read",)))
    client = client_of(slack)
    assert client.conversations_info(channel=CHANNEL)["channel"]["name"] == "releases"
    for channel, needed in (("C05TEAM", "groups:read"), ("D04DEV", "im:read")):
        answer = refusal(lambda: client.conversations_info(channel=channel))  # noqa: B023
        assert (answer["error"], answer["needed"]) == ("missing_scope", needed)


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        ("xapp-sandbox", "auth.test", "not_allowed_token_type"),
        ("xoxb-sandbox", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb-sandbox", "chat.whisper", "unknown_method"),
    ],
)
def test_a_token_is_good_for_its_own_methods_alone(
    sandbox_slack: SandboxSlack, token: str, method: str, error: str
) -> None:
    answer = refusal(lambda: client_of(sandbox_slack, token=token).api_call(method))
    assert answer["error"] == error


def test_a_token_may_also_come_in_a_form(sandbox_slack: SandboxSlack) -> None:
    answer = requests.post(
        f"{sandbox_slack.api_url}auth.test", data={"token": "xoxb-sandbox"}, timeout=5
    )
    assert answer.json()["user_id"] == "U0BOT"
    assert sandbox_slack.calls[-1].args == {}


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("text/plain", b"x", "invalid_post_type"),
        ("application/x-www-form-urlencoded", b"\xff", "invalid_form_data"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    sandbox_slack: SandboxSlack, content_type: str, body: bytes, error: str
) -> None:
    answer = requests.post(
        f"{sandbox_slack.api_url}auth.test",
        data=body,
        headers={"Content-Type": content_type, "Authorization": "Bearer xoxb-sandbox"},
        timeout=5,
    )
    assert answer.json() == {"ok": False, "error": error}
