"""Compares what a snapshot holds with what the server holds: content and absolute expiry."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from redis.exceptions import ResponseError

from bot.effects.keyspace.abilities import FOOTER, Abilities
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.expiry import GONE, expiries
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.snapshots.frames import Captured, Record

HASH_TABLE = 4
SET_TABLE = 2
LZF = 3
COMPUTED_EXPIRY_MS = 100


class Finding(StrEnum):
    """What one key turned out to be."""

    EQUAL = "equal"
    OTHER_CONTENT = "other content"
    OTHER_EXPIRY = "other expiry"
    MISSING = "missing"
    EXPIRED = "expired"


def compare(
    link: RedisLink, found: Abilities, records: Sequence[Record], now_ms: int
) -> list[Finding]:
    """Return a finding for each record, in order; a large key that was set aside is compared by its expiry."""
    keys = [record.key for record in records]
    asked = [
        ("DUMP", row.key) if isinstance(row, Captured) else ("EXISTS", row.key) for row in records
    ]
    answers = link.ask_all(asked)
    moments = expiries(link, found, keys)
    slack = 0 if found.absolute_expiry else COMPUTED_EXPIRY_MS
    return [
        _find(link, record, answer, moment, now_ms, slack)
        for record, answer, moment in zip(records, answers, moments, strict=True)
    ]


def _find(
    link: RedisLink, record: Record, answer: object, moment: int, now_ms: int, slack: int
) -> Finding:
    if isinstance(answer, ResponseError):
        raise refusal_of(answer, "a key could not be read", link.place)
    if not answer or moment == GONE:
        over = 0 < record.expires_at <= now_ms
        return Finding.EXPIRED if over else Finding.MISSING
    if isinstance(record, Captured) and not _same(record.dump, answer):
        return Finding.OTHER_CONTENT
    if abs(moment - record.expires_at) > slack or (moment == 0) != (record.expires_at == 0):
        return Finding.OTHER_EXPIRY
    return Finding.EQUAL


def _same(dump: bytes, answer: object) -> bool:
    return isinstance(answer, bytes) and same_content(dump, answer)


def same_content(one: bytes, other: bytes) -> bool:
    """Return whether two DUMPs hold the same value.

    Large hashes and sets come out of the server in another order after a restore, so those are compared
    member by member; all else by its bytes, without the footer of version and checksum.
    """
    a, b = one[:-FOOTER], other[:-FOOTER]
    if a == b:
        return True
    if a[:1] != b[:1] or len(a) != len(b) or a[0] not in {HASH_TABLE, SET_TABLE}:
        return False
    return sorted(_members(a)) == sorted(_members(b))


def _members(body: bytes) -> list[bytes]:
    """Return a table's members (a hash's field and value together) as the RDB format spells them."""
    count, at = _length(body, 1)
    strings = 2 if body[0] == HASH_TABLE else 1
    members: list[bytes] = []
    for _ in range(count):
        begin = at
        for _ in range(strings):
            at = _after_string(body, at)
        members.append(body[begin:at])
    return members


def _after_string(body: bytes, at: int) -> int:
    """Return the offset behind an RDB string: plain, small integer or LZF-compressed."""
    first = body[at]
    if first >> 6 != LZF:
        length, at = _length(body, at)
        return at + length
    kind = first & 0x3F
    if kind < LZF:
        return at + 1 + (1 << kind)
    packed, at = _length(body, at + 1)
    _, at = _length(body, at)
    return at + packed


def _length(body: bytes, at: int) -> tuple[int, int]:
    """Return an RDB length and the offset behind it."""
    first = body[at]
    match first >> 6:
        case 0:
            return first & 0x3F, at + 1
        case 1:
            return (first & 0x3F) << 8 | body[at + 1], at + 2
        case _:
            width = 8 if first & 0x3F else 4
            return int.from_bytes(body[at + 1 : at + 1 + width], "big"), at + 1 + width
