"""What the web process turns away before anybody reads it."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack.signed import LARGEST_BODY
from bot.slack.web import wsgi_app

SECRET = "0123456789abcdef"
EMPTY = b"ssl_check=1"


class Reply:
    """What a WSGI app answered."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""

    def start(self, status: str, headers: list[tuple[str, str]], exc: object = None) -> Any:
        self.status = int(status.split(maxsplit=1)[0])
        assert dict(headers)
        return lambda data: None


def ask(
    body: bytes = EMPTY,
    *,
    path: str = "/slack/events",
    method: str = "POST",
    trouble: str | None = None,
    **environ: str | None,
) -> Reply:
    app = App(
        client=WebClient(token="xoxb-1", base_url="http://127.0.0.1:1/"),
        signing_secret=SECRET,
        token_verification_enabled=False,
    )
    web = wsgi_app(app, signing_secret=SECRET, healthy=lambda: None, ready=lambda: trouble)
    stamp = environ.get("stamp", str(int(time.time()))) or ""
    signed = hmac.new(
        SECRET.encode(), b"v0:%b:%b" % (stamp.encode("latin-1"), body), hashlib.sha256
    )
    headers: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": environ.get("length", str(len(body))),
        "HTTP_X_SLACK_REQUEST_TIMESTAMP": stamp,
        "HTTP_X_SLACK_SIGNATURE": environ.get("signature", f"v0={signed.hexdigest()}"),
        "wsgi.input": io.BytesIO(body),
    }
    given = {name: value for name, value in headers.items() if value is not None}
    reply = Reply()
    reply.body = b"".join(web(given, reply.start))
    return reply


def test_what_slack_signed_is_let_in() -> None:
    assert ask().status == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"stamp": "yesterday"}, 401),
        ({"stamp": ""}, 401),
        ({"stamp": "-5"}, 401),
        ({"stamp": "1e9"}, 401),
        ({"stamp": "٣"}, 401),
        ({"stamp": "1"}, 401),
        ({"signature": "v0=é"}, 401),
        ({"signature": ""}, 401),
        ({"signature": None}, 401),
        ({"signature": "v0=" + "0" * 64}, 401),
        ({"length": None}, 411),
        ({"length": "-1"}, 411),
        ({"length": "x"}, 411),
        ({"length": str(LARGEST_BODY + 1)}, 413),
        ({"path": "/slack/other"}, 404),
        ({"method": "GET"}, 404),
    ],
)
def test_what_slack_did_not_send_is_turned_away(changes: dict[str, Any], status: int) -> None:
    if changes.get("stamp") == "٣":
        changes = {"stamp": "٣".encode().decode("latin-1")}
    assert ask(**changes).status == status


def test_a_body_that_is_no_text_is_turned_away() -> None:
    assert ask(b"\xff\xfe").status == 400


def test_health_and_readiness_say_what_is_wrong() -> None:
    healthy = ask(path="/healthz", method="GET", trouble="The ledger cannot be read.")
    assert (healthy.status, json.loads(healthy.body)) == (
        200,
        {"ok": True, "trouble": None, "notes": []},
    )
    ready = ask(path="/readyz", method="GET", trouble="The ledger cannot be read.")
    assert ready.status == 503
    assert json.loads(ready.body) == {
        "ok": False,
        "trouble": "The ledger cannot be read.",
        "notes": [],
    }
