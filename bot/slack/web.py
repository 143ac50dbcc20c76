"""Slack over HTTP: one WSGI app that turns away what Slack did not sign before anything else reads it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier

PATH = "/slack/events"
HEALTH = frozenset({"/healthz", "/readyz"})
LARGEST_BODY = 1024 * 1024
TIMESTAMP = re.compile(r"^[0-9]{1,12}$")
SIGNATURE = re.compile(r"^v0=[0-9a-f]{64}$")

Check = Callable[[], str | None]
Notes = Callable[[], tuple[str, ...]]


class Turned(Exception):
    """A request that is turned away with a status."""

    def __init__(self, status: HTTPStatus) -> None:
        """Take the status."""
        super().__init__(status)
        self.status = status


def wsgi_app(
    app: App,
    *,
    signing_secret: str,
    healthy: Check,
    ready: Check,
    notes: Notes = tuple,
    metrics: WSGIApplication | None = None,
) -> WSGIApplication:
    """Return the web process: `/slack/events`, `/healthz`, `/readyz` and, where it is given, `/metrics`.

    `healthy` and `ready` return None when all is well, else one sentence; that is status 503.
    `notes` are worth a look and no failure: messages that no channel takes.
    """
    handler = SlackRequestHandler(app, path=PATH)
    verifier = SignatureVerifier(signing_secret)
    health = checked_app(healthy, ready, notes)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in HEALTH and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            return health(environ, start)
        if path == "/metrics" and metrics is not None:
            return metrics(environ, start)
        if path != PATH or environ["REQUEST_METHOD"] != "POST":
            return _plain(HTTPStatus.NOT_FOUND, start)
        try:
            body = _signed_body(environ, verifier)
        except Turned as turned:
            return _plain(turned.status, start)
        return handler({**environ, "wsgi.input": io.BytesIO(body)}, start)

    return answer


def checked_app(
    healthy: Check, ready: Check | None = None, notes: Notes = tuple
) -> WSGIApplication:
    """Return what answers `/healthz` and `/readyz`, and 404 to all else."""
    checks = {"/healthz": healthy, "/readyz": ready or healthy}

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path not in checks or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _plain(HTTPStatus.NOT_FOUND, start)
        trouble = checks[path]()
        return _checked(trouble, () if trouble else notes(), start)

    return answer


def _signed_body(environ: WSGIEnvironment, verifier: SignatureVerifier) -> bytes:
    """Return the body, or turn the request away: too large, no length, not signed by Slack, too old."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not re.fullmatch(r"[0-9]{1,10}", length):
        raise Turned(HTTPStatus.LENGTH_REQUIRED)
    if int(length) > LARGEST_BODY:
        raise Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body: bytes = environ["wsgi.input"].read(int(length))
    timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
    signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
    if not TIMESTAMP.match(timestamp) or not SIGNATURE.match(signature):
        raise Turned(HTTPStatus.UNAUTHORIZED)
    try:
        text = body.decode()
    except UnicodeDecodeError as broken:
        raise Turned(HTTPStatus.BAD_REQUEST) from broken
    if not verifier.is_valid(text, timestamp, signature):
        raise Turned(HTTPStatus.UNAUTHORIZED)
    return body


def _checked(trouble: str | None, notes: tuple[str, ...], start: StartResponse) -> Iterable[bytes]:
    status = HTTPStatus.OK if trouble is None else HTTPStatus.SERVICE_UNAVAILABLE
    return _send(status, {"ok": trouble is None, "trouble": trouble, "notes": list(notes)}, start)


def _plain(status: HTTPStatus, start: StartResponse) -> Iterable[bytes]:
    return _send(status, {"error": status.phrase.lower()}, start)


def _send(status: HTTPStatus, body: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
    sent = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(sent)))]
    start(f"{status.value} {status.phrase}", headers)
    return [sent]
