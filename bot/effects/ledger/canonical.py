"""JSON with exactly one spelling for each value, and the hash that chains the audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIRST_HASH = "0" * 64
CHAIN = b"cache-release-audit-v1\0"


def canonical(value: object) -> str:
    """Return the value's one JSON text: ASCII, sorted keys, no blanks, times in UTC.

    Raise TypeError for what JSON cannot hold or a key that is no text, ValueError for NaN and infinity.
    """
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _plain(value: object) -> object:
    match value:
        case str() | bool() | int() | float() | None:
            return value
        case datetime():
            return moment(value)
        case Mapping():
            return _sorted(value)
        case list() | tuple():
            return [_plain(part) for part in value]
        case frozenset() | set():
            return sorted((_plain(part) for part in value), key=canonical)
        case _:
            raise TypeError(f"JSON cannot hold a {type(value).__name__}")


def _sorted(value: Mapping[Any, object]) -> dict[str, object]:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"a JSON key is text, not a {type(key).__name__}")
    return {key: _plain(value[key]) for key in sorted(value)}


def moment(at: datetime) -> str:
    """Return a time with its zone as text in UTC, to the microsecond."""
    if at.tzinfo is None:
        raise ValueError(f"a time needs its zone: {at.isoformat()}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def entry_hash(
    *, seq: int, at: datetime, actor: str, act: str, release_id: int | None, body: str, prev: str
) -> str:
    """Return the SHA-256, in hex, of one audit entry and so of all before it."""
    text = canonical([seq, moment(at), actor, act, release_id, body, prev])
    return hashlib.sha256(CHAIN + text.encode("ascii")).hexdigest()
