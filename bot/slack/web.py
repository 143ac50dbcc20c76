"""Slack over HTTP: one WSGI app that turns away what Slack did not sign before anything else reads it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.slack.payload import Malformed, read_payload

log = logging.getLogger(__name__)

PATH = "/slack/events"
LARGEST_BODY = 1024 * 1024
TIMESTAMP = re.compile(r"^[0-9]{1,12}$")
SIGNATURE = re.compile(r"^v0=[0-9a-f]{64}$")

HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'"),
)
"""What each answer says besides: nobody keeps it, and nobody runs what is in it."""

Check = Callable[[], str | None]
Notes = Callable[[], tuple[str, ...]]
First = Callable[[str, str], bool]


class Turned(Exception):
    """A request that is turned away with a status."""

    def __init__(self, status: HTTPStatus) -> None:
        """Take the status."""
        super().__init__(status)
        self.status = status


def always_first(timestamp: str, signature: str) -> bool:
    """Take every request for a new one."""
    return True


def wsgi_app(
    app: App,
    *,
    signing_secret: str,
    healthy: Check,
    ready: Check,
    notes: Notes = tuple,
    first: First = always_first,
    largest_body: int = LARGEST_BODY,
) -> WSGIApplication:
    """Return the web process: `/slack/events`, `/healthz` and `/readyz`.

    `healthy` and `ready` return None when all is well, else one sentence; that is status 503.
    `notes` are worth a look and no failure: messages that no channel takes.
    `first` says whether a request with this timestamp and signature was never heard; `largest_body` is in bytes.
    """
    signed = Signed(SignatureVerifier(signing_secret), first, largest_body)
    checks = {"/healthz": healthy, "/readyz": ready}

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in checks and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            trouble = checks[path]()
            return _checked(trouble, () if trouble else notes(), start)
        if path != PATH or environ["REQUEST_METHOD"] != "POST":
            return _plain(HTTPStatus.NOT_FOUND, start)
        try:
            request = _for_bolt(signed.payload(environ))
        except Turned as turned:
            return _plain(turned.status, start)
        return _of_bolt(app.dispatch(request), start)

    return answer


class Signed:
    """Requests that Slack signed, each once, as payloads."""

    def __init__(self, verifier: SignatureVerifier, first: First, largest_body: int) -> None:
        """Take what checks a signature, what knows earlier requests, and the most bytes of a body."""
        self._verifier = verifier
        self._first = first
        self._largest = largest_body

    def payload(self, environ: WSGIEnvironment) -> dict[str, Any]:
        """Return the payload, or turn the request away: not signed, too old, heard before, malformed."""
        body = self._body(environ)
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        if not TIMESTAMP.fullmatch(timestamp) or not SIGNATURE.fullmatch(signature):
            raise Turned(HTTPStatus.UNAUTHORIZED)
        try:
            text = body.decode()
        except UnicodeDecodeError as broken:
            raise Turned(HTTPStatus.BAD_REQUEST) from broken
        if not self._verifier.is_valid(text, timestamp, signature):
            raise Turned(HTTPStatus.UNAUTHORIZED)
        try:
            payload = read_payload(text, environ.get("CONTENT_TYPE", ""))
        except Malformed as malformed:
            log.warning("a signed request was malformed: %s", malformed)
            raise Turned(HTTPStatus.BAD_REQUEST) from malformed
        if not self._first(timestamp, signature):
            log.warning("a signed request came again and was turned away")
            raise Turned(HTTPStatus.UNAUTHORIZED)
        return payload

    def _body(self, environ: WSGIEnvironment) -> bytes:
        length = environ.get("CONTENT_LENGTH") or ""
        if not re.fullmatch(r"[0-9]{1,10}", length):
            raise Turned(HTTPStatus.LENGTH_REQUIRED)
        if int(length) > self._largest:
            raise Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body: bytes = environ["wsgi.input"].read(int(length))
        return body


def _for_bolt(payload: dict[str, Any]) -> BoltRequest:
    """Return the payload as Bolt takes it from a socket, where nothing is left to be verified.

    Bolt gets what was read here: a second reading might find another meaning in the same bytes.
    """
    try:
        return BoltRequest(body=payload, mode="socket_mode")
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Bolt looks for teams and people in more places than we do.
        raise Turned(HTTPStatus.BAD_REQUEST) from error


def _of_bolt(answer: BoltResponse, start: StartResponse) -> Iterable[bytes]:
    status, body = HTTPStatus(answer.status), (answer.body or "").encode()
    headers = [(name, value) for name, values in answer.headers.items() for value in values]
    kept = [row for row in headers if row[0] != "content-length"]
    start(f"{status.value} {status.phrase}", [*kept, *HEADERS, ("content-length", str(len(body)))])
    return [body]


def _checked(trouble: str | None, notes: tuple[str, ...], start: StartResponse) -> Iterable[bytes]:
    status = HTTPStatus.OK if trouble is None else HTTPStatus.SERVICE_UNAVAILABLE
    return _send(status, {"ok": trouble is None, "trouble": trouble, "notes": list(notes)}, start)


def _plain(status: HTTPStatus, start: StartResponse) -> Iterable[bytes]:
    return _send(status, {"error": status.phrase.lower()}, start)


def _send(status: HTTPStatus, body: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
    sent = json.dumps(body).encode()
    headers = [
        ("Content-Type", "application/json"),
        *HEADERS,
        ("Content-Length", str(len(sent))),
    ]
    start(f"{status.value} {status.phrase}", headers)
    return [sent]
