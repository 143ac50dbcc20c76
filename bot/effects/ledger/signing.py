"""Signatures of what says where the audit stood: anchors outside the database, stones inside it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from bot.effects.ledger.canonical import canonical, moment
from bot.release.audit_standing import Anchor, Stone

ANCHOR, STONE = "cache-release-anchor-v1", "cache-release-stone-v1"
PURPOSE = b"cache-release audit"


def derived_key(key: bytes) -> bytes:
    """Return the audit's own key, out of a key that signs other things (HMAC as in RFC 5869)."""
    return hmac.digest(key, PURPOSE, "sha256")


def anchor_of(key: bytes, *, seq: int, hashed: str, at: datetime) -> Anchor:
    """Return the signed anchor of an entry."""
    signed = _sign(key, [ANCHOR, seq, hashed, moment(at)])
    return Anchor(seq=seq, hash=hashed, at=at, hmac=signed)


def is_genuine(anchor: Anchor, key: bytes) -> bool:
    """Return whether whoever holds the key made the anchor."""
    made = anchor_of(key, seq=anchor.seq, hashed=anchor.hash, at=anchor.at)
    return hmac.compare_digest(made.hmac, anchor.hmac)


def stone_of(
    key: bytes, *, seq: int, hashed: str, entries: int, at: datetime, by: str, digest: str
) -> Stone:
    """Return the signed stone of a beginning that ends with that entry."""
    signed = _sign(key, [STONE, seq, hashed, entries, moment(at), by, digest])
    return Stone(
        seq=seq, hash=hashed, entries=entries, at=at, by=by, digest=digest, signature=signed
    )


def is_signed(stone: Stone, key: bytes) -> bool:
    """Return whether whoever holds the key set the stone."""
    made = stone_of(
        key,
        seq=stone.seq,
        hashed=stone.hash,
        entries=stone.entries,
        at=stone.at,
        by=stone.by,
        digest=stone.digest,
    )
    return hmac.compare_digest(made.signature, stone.signature)


def _sign(key: bytes, parts: list[object]) -> str:
    return hmac.new(key, canonical(parts).encode("ascii"), hashlib.sha256).hexdigest()
