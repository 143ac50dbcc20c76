"""One GET and its answer, timed, with every failure as a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from bot.effects.http.timed_connection import stamps_of
from bot.release.cache_headers import Headers
from bot.release.phases import Phases

BODY_LIMIT = 256 * 1024
_CHUNK = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What came back; `begun`, `first_byte` and `ended` are moments of the timer.

    `phases` is None where the connection was not timed: then the moments are all there is.
    """

    begun: float
    first_byte: float
    ended: float
    status: int = 0
    headers: Headers = ()
    body: str = ""
    error: str | None = None
    phases: Phases | None = None


class _TooSlowError(Exception):
    """The body did not end in time."""


def exchange(
    session: requests.Session,
    prepared: requests.PreparedRequest,
    *,
    timeout_s: float,
    keep_body: bool,
    timer: Callable[[], float],
    dns_s: float = 0.0,
) -> Exchange:
    """Send one request and read at most 256 KiB of its answer; never raises for what a network does.

    `dns_s` is what finding the address took, where it was found for this request.
    """
    begun = timer()
    try:
        answer = session.send(prepared, stream=True, timeout=timeout_s, allow_redirects=False)
    except (requests.RequestException, UnicodeError) as error:
        ended = timer()
        return Exchange(
            begun=begun, first_byte=ended, ended=ended, error=_sentence(error, timeout_s)
        )
    first, stamps = timer(), stamps_of(answer)
    problem: str | None = None
    body = b""
    try:
        body = _read(answer, until=begun + timeout_s, keep_body=keep_body, timer=timer)
    except (requests.RequestException, HTTPError, _TooSlowError) as error:
        answer.close()
        problem = _sentence(error, timeout_s)
    phases = None if stamps is None else stamps.phases(dns=dns_s, ended=time.perf_counter())
    ended = timer()
    if phases is not None:
        first = ended - (phases.total - phases.first_byte) / 1000
    return Exchange(
        begun=begun,
        first_byte=first,
        ended=ended,
        status=answer.status_code,
        headers=tuple((name, value) for name, value in answer.raw.headers.iteritems()),
        body=_text(answer, body),
        error=problem,
        phases=phases,
    )


def _read(
    answer: requests.Response, *, until: float, keep_body: bool, timer: Callable[[], float]
) -> bytes:
    """Return the body, decoded where it is kept; an answer read whole leaves its connection open."""
    kept, size = [], 0
    for chunk in answer.raw.stream(_CHUNK, decode_content=keep_body):
        if timer() > until:
            raise _TooSlowError
        kept.append(chunk if keep_body else b"")
        size += len(chunk)
        if size >= BODY_LIMIT:
            answer.close()
            break
    return b"".join(kept)[:BODY_LIMIT]


def _text(answer: requests.Response, body: bytes) -> str:
    # requests falls back to Latin-1 for text; pages that name no charset are UTF-8 by now.
    named = "charset=" in answer.headers.get("Content-Type", "").lower()
    try:
        return body.decode((answer.encoding if named else None) or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _sentence(error: Exception, timeout_s: float) -> str:
    match error:
        case requests.Timeout() | ReadTimeoutError() | _TooSlowError():
            return f"no whole answer within {timeout_s:g} s"
        case requests.exceptions.SSLError():
            return "the certificate is not trusted"
        case requests.ConnectionError() | ProtocolError():
            return "no connection, or it was cut"
        case _:
            return f"the answer cannot be read ({type(error).__name__})"
