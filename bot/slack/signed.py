"""What Slack signed: each request once, as a payload; everything else is turned away with a status."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from wsgiref.types import WSGIEnvironment

from slack_sdk.signature import SignatureVerifier

from bot.slack.payload import Malformed, read_payload

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

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
