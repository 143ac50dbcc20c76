"""One call of another system's address: guarded, never redirected, and clear about whether it was sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from bot.effects.http.address_guard import Resolve, read_origin, require_allowed, resolve_all
from bot.effects.http.pinned_adapter import PinnedAdapter

LONGEST_ANSWER = 64 * 1024
_CHUNK = 8 * 1024
AGENT = "cache-release"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; header names are in lower case, `body` is at most 64 KiB of text.

    `error` says why no whole answer came, and `sent` whether the other side may have the call all the same.
    """

    status: int = 0
    headers: Mapping[str, str]
    body: str = ""
    error: str | None = None
    sent: bool = True


def call_out(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    allow_private: bool,
    timeout_s: float,
    resolve: Resolve = resolve_all,
) -> Answer:
    """Send one request to a public address, or to a private one where that is allowed.

    Refuse a forbidden address before anything is sent; never raise for what a network does.
    """
    origin = read_origin(url.partition("?")[0])
    try:
        addresses = resolve(origin.host, origin.port)
    except (OSError, UnicodeError):
        return _unsent(f"{origin.host} has no address")
    require_allowed(origin.host, addresses, allow_private=allow_private)
    with requests.Session() as session:
        session.trust_env = False
        session.mount(f"{url.partition('://')[0]}://", PinnedAdapter(addresses))
        return _exchange(
            session, method, url, {"User-Agent": AGENT, **headers}, body, timeout_s=timeout_s
        )


def _exchange(
    session: requests.Session,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    timeout_s: float,
) -> Answer:
    until = time.monotonic() + timeout_s
    try:
        answer = session.request(
            method,
            url,
            headers=dict(headers),
            data=body or None,
            timeout=timeout_s,
            allow_redirects=False,
            stream=True,
        )
    except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
        return _unsent(f"no connection ({type(error).__name__})")
    except requests.ConnectionError as error:
        if _never_connected(error):
            return _unsent("no connection")
        return Answer(headers={}, error="the connection was cut before an answer came")
    except requests.Timeout:
        return Answer(headers={}, error=f"no answer within {timeout_s:g} s")
    except (requests.RequestException, HTTPError, UnicodeError) as error:
        return Answer(headers={}, error=f"the answer cannot be read ({type(error).__name__})")
    text, whole = _read(answer, until)
    named = {name.lower(): value for name, value in answer.headers.items()}
    error_line = None if whole else f"no whole answer within {timeout_s:g} s"
    return Answer(status=answer.status_code, headers=named, body=text, error=error_line)


def _read(answer: requests.Response, until: float) -> tuple[str, bool]:
    """Return at most 64 KiB of the body as text, and whether it came whole and in time."""
    kept, size, whole = [], 0, True
    try:
        # `read1` returns what has arrived: a body that drips does not hold the caller.
        while size < LONGEST_ANSWER and (chunk := answer.raw.read1(_CHUNK, decode_content=True)):
            kept.append(chunk)
            size += len(chunk)
            if time.monotonic() > until:
                whole = False
                break
    except (requests.RequestException, HTTPError, OSError):
        whole = False
    answer.close()
    return b"".join(kept)[:LONGEST_ANSWER].decode("utf-8", errors="replace"), whole


def _never_connected(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError)


def _unsent(error: str) -> Answer:
    return Answer(headers={}, error=error, sent=False)
