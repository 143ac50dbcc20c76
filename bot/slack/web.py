"""Slack over HTTP: one WSGI app that turns away what Slack did not sign before anything else reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.slack.signed import LARGEST_BODY, First, Signed, Turned, always_first

PATH = "/slack/events"
HEALTH = frozenset({"/healthz", "/readyz"})

HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'"),
)
"""What each answer says besides: nobody keeps it, and nobody runs what is in it."""

Check = Callable[[], str | None]
Notes = Callable[[], tuple[str, ...]]


def wsgi_app(
    app: App,
    *,
    signing_secret: str,
    healthy: Check,
    ready: Check,
    notes: Notes = tuple,
    first: First = always_first,
    largest_body: int = LARGEST_BODY,
    metrics: WSGIApplication | None = None,
) -> WSGIApplication:
    """Return the web process: `/slack/events`, `/healthz`, `/readyz` and, where it is given, `/metrics`.

    `healthy` and `ready` return None when all is well, else one sentence; that is status 503.
    `notes` are worth a look and no failure: messages that no channel takes.
    `first` says whether a request with this timestamp and signature was never heard; `largest_body` is in bytes.
    """
    signed = Signed(SignatureVerifier(signing_secret), first, largest_body)
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
            request = _for_bolt(signed.payload(environ))
        except Turned as turned:
            return _plain(turned.status, start)
        return _of_bolt(app.dispatch(request), start)

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
