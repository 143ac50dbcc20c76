"""How calls to and from other systems are signed: HMAC-SHA256 over the time, a dot, and the body."""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum, auto

KEY_ID = "X-Cache-Release-Key-Id"
TIMESTAMP = "X-Cache-Release-Timestamp"
SIGNATURE = "X-Cache-Release-Signature"
EVENT_ID = "Idempotency-Key"
WINDOW_S = 300

_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNED = re.compile(r"v1=[0-9a-f]{64}", re.ASCII)


class Signed(Enum):
    """What a signature is worth."""

    WELL = auto()
    MISSING = auto()
    WRONG = auto()
    TOO_OLD = auto()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return `v1=` and 64 hex digits: HMAC-SHA256 (RFC 2104) of `timestamp.body`."""
    message = timestamp.encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def signed_headers(
    secret: str, *, key_id: str, event_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers of a call; `timestamp` is in whole seconds of Unix time."""
    return {
        KEY_ID: key_id,
        TIMESTAMP: str(timestamp),
        SIGNATURE: signature(secret, str(timestamp), body),
        EVENT_ID: event_id,
    }


def check(secret: str, *, timestamp: str, given: str, body: bytes, now: float) -> Signed:
    """Return what a call's signature is worth at `now`, in Unix time; compared in constant time."""
    if not _TIME.fullmatch(timestamp) or not _SIGNED.fullmatch(given):
        return Signed.MISSING
    if not hmac.compare_digest(signature(secret, timestamp, body), given):
        return Signed.WRONG
    return Signed.WELL if abs(now - int(timestamp)) <= WINDOW_S else Signed.TOO_OLD
