"""Where Prometheus asks: `/metrics`, to this machine alone or to who shows the token."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def metrics_app(
    render: Callable[[], bytes], *, token: str | None, own: Callable[[WSGIEnvironment], bool]
) -> WSGIApplication:
    """Return what answers `GET /metrics` in Prometheus' text format.

    With a token it must be shown (RFC 6750, 2.1), else the answer is 401. Without one only requests are answered
    that came in at the metrics' `own` port; all others get 404 as if there were nothing.
    """

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or (token is None and not own(environ)):
            return _plain(HTTPStatus.NOT_FOUND, b"not found\n", start)
        if token is not None and not _shown(environ, token):
            return _plain(HTTPStatus.UNAUTHORIZED, b"unauthorized\n", start)
        return _plain(HTTPStatus.OK, render(), start)

    return answer


def _shown(environ: WSGIEnvironment, token: str) -> bool:
    given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
    return hmac.compare_digest(given, f"Bearer {token}".encode())


def _plain(status: HTTPStatus, body: bytes, start: StartResponse) -> Iterable[bytes]:
    headers = [("Content-Type", TEXT), ("Content-Length", str(len(body)))]
    if status is HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", 'Bearer realm="metrics"'))
    start(f"{status.value} {status.phrase}", headers)
    return [body]
