"""`POST /hooks/<app>`: what was signed in the last five minutes, and not heard before, becomes an Ask."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from bot.ci.answers import internal, nothing_done, refused, send
from bot.ci.asking import ask_of, said_of
from bot.ci.calls import read_call
from bot.commands import Ask, Reply
from bot.release.calls_out import CallsIn
from bot.release.catalog import Catalog
from bot.release.refusal import Code, Refusal
from bot.release.signing import KEY_ID, SIGNATURE, TIMESTAMP, Signed, check

log = logging.getLogger(__name__)

PLACE = re.compile(r"/hooks/([a-z][a-z0-9-]{0,30})", re.ASCII)
LARGEST_BODY = 64 * 1024
MOST_A_MINUTE = 30


class Calls(Protocol):
    """The ledger as this door needs it."""

    def call_taken(self, app: str, event_id: str, at: datetime) -> bool:
        """Record that a call is being carried out; False where one with this id came before."""
        ...

    def call_led_to(self, app: str, event_id: str, release_id: int) -> None:
        """Record which release it led to."""
        ...

    def call_refused(self, app: str, event_id: str) -> None:
        """Forget a call that was not carried out."""
        ...

    def call_before(self, app: str, event_id: str) -> int | None:
        """Return the release that an earlier call with this id led to."""
        ...

    def calls_since(self, app: str, at: datetime, seconds: float) -> int:
        """Return how many calls were taken lately."""
        ...


@dataclass(frozen=True, kw_only=True)
class BehindHooks:
    """What the door leans on; `secret_values` are the values of `env:NAME`."""

    run: Callable[[Ask], Reply]
    ledger: Calls
    catalog: Catalog
    secret_values: Mapping[str, str]
    now: Callable[[], datetime]


def with_hooks(otherwise: WSGIApplication, behind: BehindHooks) -> WSGIApplication:
    """Return an app that takes `/hooks/…` itself and hands on the rest."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path != "/hooks" and not path.startswith("/hooks/"):
            return otherwise(environ, start)
        try:
            return send(HTTPStatus.OK, _carried_out(environ, path, behind), start)
        except Refusal as refusal:
            return refused(refusal, start)
        except Exception:
            # The last resort: the caller gets a token, the log the cause.
            token = secrets.token_hex(4)
            log.exception("a call to %s failed, token %s", path[:60], token)
            return refused(internal(token), start)

    return answer


def _carried_out(environ: WSGIEnvironment, path: str, behind: BehindHooks) -> dict[str, Any]:
    found = PLACE.fullmatch(path)
    app = None if found is None else behind.catalog.apps.get(found[1])
    if found is None or app is None or app.ci is None or environ["REQUEST_METHOD"] != "POST":
        raise nothing_done(
            Code.UNKNOWN_NAME,
            "There is no such door.",
            "POST /hooks/<app>, for an app whose catalog has a `ci` table.",
        )
    name, body = found[1], _body(environ)
    _require_signed(environ, body, app.ci, behind)
    call = read_call(body)
    now = behind.now()
    if behind.ledger.calls_since(name, now, 60.0) >= MOST_A_MINUTE:
        raise nothing_done(
            Code.TOO_MANY,
            f"{MOST_A_MINUTE} calls for {name} were taken in the last minute.",
            "fewer calls; wait a minute.",
        )
    if not behind.ledger.call_taken(name, call.id, now):
        raise _replayed(name, call.id, behind)
    try:
        said = said_of(behind.run(ask_of(name, app, call, now)))
    except Refusal:
        # Nothing was done: the same call may come again.
        behind.ledger.call_refused(name, call.id)
        raise
    assert said.release is not None
    behind.ledger.call_led_to(name, call.id, said.release)
    return {"ok": True, "release": f"R-{said.release}", "said": said.text}


def _body(environ: WSGIEnvironment) -> bytes:
    length = str(environ.get("CONTENT_LENGTH") or "")
    if not re.fullmatch(r"[0-9]{1,10}", length, re.ASCII):
        raise nothing_done(Code.BAD_REQUEST, "The call does not say its length.", "Content-Length.")
    if int(length) > LARGEST_BODY:
        raise nothing_done(
            Code.TOO_LARGE, f"The call has {length} bytes.", f"at most {LARGEST_BODY:,} bytes."
        )
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _require_signed(
    environ: WSGIEnvironment, body: bytes, ci: CallsIn, behind: BehindHooks
) -> None:
    """Refuse a call that was not signed just now; the body holds the call's id, so that is signed too."""
    worth = check(
        behind.secret_values[ci.secret],
        timestamp=_header(environ, TIMESTAMP),
        given=_header(environ, SIGNATURE),
        body=body,
        now=behind.now().timestamp(),
    )
    if worth is Signed.WELL and _header(environ, KEY_ID) == ci.key_id:
        return
    if worth is Signed.TOO_OLD:
        raise nothing_done(
            Code.NOT_SIGNED,
            "The call's time is more than five minutes off.",
            f"{TIMESTAMP} with the time of now, signed.",
        )
    raise nothing_done(
        Code.NOT_SIGNED,
        "The call is not signed with the key of this app.",
        f"the headers {KEY_ID}, {TIMESTAMP} and {SIGNATURE}.",
    )


def _header(environ: WSGIEnvironment, name: str) -> str:
    return str(environ.get(f"HTTP_{name.upper().replace('-', '_')}", ""))


def _replayed(app: str, event_id: str, behind: BehindHooks) -> Refusal:
    release = behind.ledger.call_before(app, event_id)
    led = "its outcome is not known yet" if release is None else f"it led to R-{release}"
    return Refusal(
        code=Code.REPLAYED,
        failed=f"A call with this id came before: {led}. Nothing was done twice.",
        expected="another id for another call.",
        retry_is_safe=True,
        about=release,
    )
