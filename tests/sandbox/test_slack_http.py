from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from slack_bolt import App, BoltResponse

from bot.sandbox.slack.http_delivery import sign
from bot.sandbox.slack.server import Timing
from tests.sandbox.looking import CHANNEL, notices
from tests.sandbox.slack_app import (
    OLGA,
    Connected,
    free_port,
    over_http,
    typed,
    wait_until,
)
from tests.sandbox.workspaces import StartSlack


def test_an_app_that_answers_with_an_error_is_told_to_the_person(
    sandbox_bolt: Connected,
) -> None:
    def listen(app: App) -> None:
        @app.middleware
        def refuse(ack: Any) -> BoltResponse:
            return BoltResponse(status=500)

    with sandbox_bolt("http", listen) as slack:
        typed(slack, "/cache-release help")
        assert notices(slack, OLGA) == ['/cache-release failed with the error "dispatch_failed"']


def test_events_that_are_not_acked_come_again_with_a_number_and_a_reason(
    sandbox_bolt: Connected,
) -> None:
    tries: list[tuple[Any, Any]] = []

    def listen(app: App) -> None:
        @app.middleware
        def fail_twice(request: Any, next: Any) -> Any:
            number = request.headers.get("x-slack-retry-num", [None])[0]
            tries.append((number, request.headers.get("x-slack-retry-reason", [None])[0]))
            return next() if len(tries) == 3 else BoltResponse(status=500)

        app.event("app_mention")(lambda: None)

    timing = Timing(event_retries=(0.0, 0.1, 0.1))
    with sandbox_bolt("http", listen, timing=timing) as slack:
        slack.act("U04DEV", do="message", channel=CHANNEL, text="<@U0BOT> hello")
        wait_until(lambda: len(tries) == 3)
        time.sleep(0.3)
    assert tries == [(None, None), ("1", "http_error"), ("2", "http_error")]


def test_an_app_may_ask_that_an_event_does_not_come_again(sandbox_bolt: Connected) -> None:
    tries: list[str] = []

    def listen(app: App) -> None:
        @app.middleware
        def fail(ack: Any) -> BoltResponse:
            tries.append("one")
            return BoltResponse(status=500, headers={"x-slack-no-retry": "1"})

    with sandbox_bolt("http", listen, timing=Timing(event_retries=(0.0, 0.0))) as slack:
        slack.act("U04DEV", do="message", channel=CHANNEL, text="<@U0BOT> hello")
        time.sleep(0.4)
    assert tries == ["one"]


def test_a_request_url_is_asked_to_repeat_a_challenge(sandbox_bolt: Connected) -> None:
    with sandbox_bolt("http") as slack:
        assert slack.verify_request_url() is True
    assert slack.verify_request_url() is False


def test_a_request_is_signed_with_time_and_body() -> None:
    expected = hmac.new(b"secret", b"v0:12345:a=b", hashlib.sha256).hexdigest()
    assert sign("secret", "12345", b"a=b") == f"v0={expected}"


def test_a_wrong_signing_secret_keeps_the_app_silent(sandbox_start: StartSlack) -> None:
    port = free_port()
    slack = sandbox_start(request_url=f"http://127.0.0.1:{port}/slack/events")
    app = App(token="xoxb-sandbox", signing_secret="another", token_verification_enabled=False)
    with over_http(app, port):
        typed(slack, "/cache-release help")
    assert notices(slack, OLGA) == ['/cache-release failed with the error "dispatch_failed"']
