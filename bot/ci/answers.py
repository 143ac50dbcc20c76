"""What a call is answered: JSON with a status that says what a caller may do next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse

from bot.release.refusal import Code, Refusal

STATUSES: Mapping[Code, HTTPStatus] = {
    Code.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    Code.NOT_SIGNED: HTTPStatus.UNAUTHORIZED,
    Code.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Code.UNKNOWN_NAME: HTTPStatus.NOT_FOUND,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Code.NOT_RECORDED: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of each refusal; what is not here is a conflict with how things stand, 409."""


def nothing_done(code: Code, failed: str, expected: str) -> Refusal:
    """Return the refusal of a call of which nothing was carried out."""
    return Refusal(
        code=code, failed=f"{failed} Nothing was done.", expected=expected, retry_is_safe=True
    )


def internal(token: str) -> Refusal:
    """Return the refusal of a call that met a mistake of ours; the log has the token too."""
    return Refusal(
        code=Code.INTERNAL,
        failed=f"An unexpected error, token {token}; the same token is in the log.",
        expected="no error; look at the release before calling again.",
        retry_is_safe=False,
    )


def refused(refusal: Refusal, start: StartResponse) -> Iterable[bytes]:
    """Answer a refusal with its status, code, sentences, and whether a retry is safe."""
    told: dict[str, Any] = {
        "ok": False,
        "code": refusal.code.value,
        "failed": refusal.failed,
        "expected": refusal.expected,
        "retry_is_safe": refusal.retry_is_safe,
    }
    if refusal.about is not None:
        told["release"] = f"R-{refusal.about}"
    return send(STATUSES.get(refusal.code, HTTPStatus.CONFLICT), told, start)


def send(status: HTTPStatus, body: Mapping[str, Any], start: StartResponse) -> Iterable[bytes]:
    """Answer with JSON."""
    sent = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(sent)))]
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers.append(("Retry-After", "60"))
    start(f"{status.value} {status.phrase}", headers)
    return [sent]
