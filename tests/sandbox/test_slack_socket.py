from __future__ import annotations

from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from bot.sandbox.slack.server import SandboxSlack, Timing
from tests.sandbox.raw_app import SILENT, raw_app, socket_url
from tests.sandbox.slack_app import make_app, over_socket, wait_until
from tests.sandbox.workspaces import StartSlack

CHANNEL = "C01REL"


def command(slack: SandboxSlack, text: str = "/cache-release status") -> None:
    assert slack.act("U04DEV", do="command", channel=CHANNEL, text=text) == {"ok": True}


def test_a_connection_begins_with_hello(sandbox_slack: SandboxSlack) -> None:
    with raw_app(sandbox_slack), raw_app(sandbox_slack) as second:
        hello = second.frames[0]
        assert (hello["type"], hello["num_connections"]) == ("hello", 2)
        assert hello["connection_info"] == {"app_id": "A0SANDBOX"}
        assert hello["debug_info"]["approximate_connection_time"] == 18060


def test_a_ticket_is_good_once(sandbox_slack: SandboxSlack) -> None:
    url = socket_url(sandbox_slack)
    with connect(url, proxy=None), pytest.raises(InvalidStatus) as refused:
        connect(url, proxy=None)
    assert refused.value.response.status_code == 403


def test_each_envelope_goes_to_one_connection_in_turn(sandbox_slack: SandboxSlack) -> None:
    with raw_app(sandbox_slack) as one, raw_app(sandbox_slack) as two:
        for _ in range(4):
            command(sandbox_slack)
        assert (len(one.envelopes), len(two.envelopes)) == (2, 2)
        ids = {envelope["envelope_id"] for envelope in one.envelopes + two.envelopes}
    assert len(ids) == 4


def test_an_envelope_says_its_type_and_whether_an_answer_may_come_with_the_ack(
    sandbox_slack: SandboxSlack,
) -> None:
    with raw_app(sandbox_slack) as app:
        command(sandbox_slack)
        sandbox_slack.act("U04DEV", do="message", channel=CHANNEL, text="@cache-release hello")
        wait_until(lambda: len(app.envelopes) == 2)
    shown = [(one["type"], one["accepts_response_payload"]) for one in app.envelopes]
    assert shown == [("slash_commands", True), ("events_api", False)]
    assert "retry_attempt" not in app.envelopes[0]
    assert (app.envelopes[1]["retry_attempt"], app.envelopes[1]["retry_reason"]) == (0, "")


def test_an_envelope_that_is_not_acked_is_lost(sandbox_start: StartSlack) -> None:
    slack = sandbox_start(timing=Timing(ack=0.1))
    with raw_app(slack, lambda payload: SILENT) as app:
        command(slack)
        assert len(app.envelopes) == 1
    with raw_app(slack) as later:
        command(slack)
        assert len(later.envelopes) == 1


def test_an_event_that_is_not_acked_comes_again(sandbox_start: StartSlack) -> None:
    slack = sandbox_start(timing=Timing(ack=0.1, event_retries=(0.0, 0.1)))
    with raw_app(slack, lambda payload: SILENT) as app:
        slack.act("U04DEV", do="message", channel=CHANNEL, text="<@U0BOT> hello")
        wait_until(lambda: len(app.envelopes) == 3)
    shown = [(one["retry_attempt"], one["retry_reason"]) for one in app.envelopes]
    assert shown == [(0, ""), (1, "http_timeout"), (2, "http_timeout")]
    assert len({one["payload"]["event_id"] for one in app.envelopes}) == 1
    assert len({one["envelope_id"] for one in app.envelopes}) == 3


def test_a_warned_connection_still_gets_envelopes_and_a_closed_one_none(
    sandbox_slack: SandboxSlack,
) -> None:
    with raw_app(sandbox_slack) as app:
        sandbox_slack.disconnect("warning", close=False)
        command(sandbox_slack)
        assert [frame["type"] for frame in app.frames] == ["hello", "disconnect"]
        assert (app.frames[1]["reason"], len(app.envelopes)) == ("warning", 1)
        sandbox_slack.disconnect()
        assert sandbox_slack.connected is False
        wait_until(lambda: len(app.frames) == 3)
        assert app.frames[2]["reason"] == "refresh_requested"


def test_the_eleventh_connection_is_sent_away(sandbox_slack: SandboxSlack) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(raw_app(sandbox_slack))
        with raw_app(sandbox_slack) as eleventh:
            assert (eleventh.frames[0]["type"], eleventh.frames[0]["reason"]) == (
                "disconnect",
                "too_many_websockets",
            )


def test_slacks_own_client_comes_back_when_it_is_told_to_reconnect(
    sandbox_slack: SandboxSlack,
) -> None:
    with over_socket(sandbox_slack, make_app(sandbox_slack)):
        opened = len(sandbox_slack.calls)
        sandbox_slack.disconnect("refresh_requested")
        wait_until(lambda: len(sandbox_slack.calls) > opened and sandbox_slack.connected)
        command(sandbox_slack, "/cache-release help")
        messages = sandbox_slack.state("U04DEV")["messages"][CHANNEL]
        assert [message["text"] for message in messages] == ["Say start."]


def test_a_frame_that_is_no_json_closes_the_connection(sandbox_slack: SandboxSlack) -> None:
    with connect(socket_url(sandbox_slack), proxy=None) as websocket:
        websocket.recv()
        websocket.send("no json")
        with pytest.raises(ConnectionClosedError):
            websocket.recv()
        assert websocket.close_code == 1003
