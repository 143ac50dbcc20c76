from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.server import SandboxSlack
from bot.sandbox.slack.typed_text import escaped, with_mentions
from tests.sandbox.looking import CHANNEL, DEV, notices, seen
from tests.sandbox.raw_app import raw_app
from tests.sandbox.slack_app import (
    wait_until,
)
from tests.sandbox.slack_blocks import (
    actions,
    button,
)
from tests.sandbox.workspaces import StartSlack, sandbox_manifest_with, sandbox_workspace


def test_a_command_carries_who_where_and_what(sandbox_slack: SandboxSlack) -> None:
    with raw_app(sandbox_slack) as app:
        text = "/cache-release  owner @ari in #releases by @cache-approvers, @nobody & <b> "
        sandbox_slack.act(DEV, do="command", channel=CHANNEL, text=text, thread_ts=None)
    (payload,) = app.payloads
    kept = ("command", "text", "user_id", "user_name", "channel_id", "channel_name", "team_id")
    assert {name: payload[name] for name in kept} == {
        "command": "/cache-release",
        "text": "owner <@U02APPROVER|ari> in <#C01REL|releases> by "
        "<!subteam^S01CACHE|@cache-approvers>, @nobody &amp; &lt;b&gt;",
        "user_id": DEV,
        "user_name": "dana",
        "channel_id": CHANNEL,
        "channel_name": "releases",
        "team_id": "T01SANDBOX",
    }


def test_names_stay_names_without_should_escape(sandbox_start: StartSlack) -> None:
    def without(manifest: Any) -> None:
        manifest["features"]["slash_commands"][0]["should_escape"] = False

    slack = sandbox_start(sandbox_manifest_with(sandbox_workspace(), without))
    with raw_app(slack) as app:
        slack.act(DEV, do="command", channel="D04DEV", text="/cache-release owner @ari")
    assert (app.payloads[0]["text"], app.payloads[0]["channel_name"]) == (
        "owner @ari",
        "directmessage",
    )


def test_only_mentions_that_are_written_as_such_are_left_alone(sandbox_slack: SandboxSlack) -> None:
    workspace = sandbox_slack.workspace
    assert escaped("<@U1> <#C1|x> <!subteam^S1> <https://a.b/c> <script> a&b") == (
        "<@U1> <#C1|x> <!subteam^S1> <https://a.b/c> &lt;script&gt; a&amp;b"
    )
    text = with_mentions(
        "@dana @danae x@dana.org #releases <@U1|@dana>",
        workspace,
        workspace.channels,
        with_names=False,
    )
    assert text == "<@U04DEV> @danae x@dana.org <#C01REL> <@U1|@dana>"


@pytest.mark.parametrize(
    ("body", "public"),
    [({"text": "Hi"}, False), ({"text": "Hi", "response_type": "in_channel"}, True)],
)
def test_the_answer_to_a_command_is_ephemeral_unless_it_says_otherwise(
    sandbox_slack: SandboxSlack, body: dict[str, Any], public: bool
) -> None:
    with raw_app(sandbox_slack, lambda payload: body):
        sandbox_slack.act(DEV, do="command", channel=CHANNEL, text="/cache-release x")
    assert [(m["text"], m["ephemeral"]) for m in seen(sandbox_slack)] == [("Hi", not public)]
    assert len(seen(sandbox_slack, "U01OWNER")) == int(public)


def test_an_answer_that_slack_could_not_show_is_told(sandbox_slack: SandboxSlack) -> None:
    twice = actions(button(action_id="a"), button(action_id="a"))
    with raw_app(sandbox_slack, lambda payload: {"text": "x", "blocks": [twice]}):
        sandbox_slack.act(DEV, do="command", channel=CHANNEL, text="/cache-release x")
    assert notices(sandbox_slack) == [
        '/cache-release failed with the error "invalid_command_response"'
    ]
    assert seen(sandbox_slack) == []


def test_a_mention_where_the_bot_is_not_is_told_and_not_sent(sandbox_slack: SandboxSlack) -> None:
    with raw_app(sandbox_slack) as app:
        sandbox_slack.act(DEV, do="message", channel="C02RANDOM", text="@cache-release hello")
        assert app.envelopes == []
    assert notices(sandbox_slack) == [
        "You mentioned @cache-release, but it is not in this channel."
    ]
    (message,) = seen(sandbox_slack, channel="C02RANDOM")
    assert (message["text"], message["name"], message["is_bot"]) == (
        "<@U0BOT> hello",
        "Dana",
        False,
    )


@pytest.mark.parametrize("lacking", ["scope", "event"])
def test_a_mention_needs_its_scope_and_its_event_in_the_manifest(
    sandbox_start: StartSlack, lacking: str
) -> None:
    def without(manifest: Any) -> None:
        if lacking == "scope":
            manifest["oauth_config"]["scopes"]["bot"].remove("app_mentions:read")
        else:
            manifest["settings"]["event_subscriptions"]["bot_events"].remove("app_mention")

    slack = sandbox_start(sandbox_manifest_with(sandbox_workspace(), without))
    with raw_app(slack) as app:
        slack.act(DEV, do="message", channel=CHANNEL, text="@cache-release hello")
        slack.act(DEV, do="open_home")
        wait_until(lambda: app.envelopes)
    assert [payload["event"]["type"] for payload in app.payloads] == ["app_home_opened"]
