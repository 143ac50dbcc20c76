"""How large keys are, asked in the way that the server allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoPermissionError, ResponseError

from bot.effects.redis_connect import Argument, RedisLink

MEMBER_BYTES = 512
COUNTED_BY = {
    b"string": ("STRLEN", 1),
    b"hash": ("HLEN", MEMBER_BYTES),
    b"list": ("LLEN", MEMBER_BYTES),
    b"set": ("SCARD", MEMBER_BYTES),
    b"zset": ("ZCARD", MEMBER_BYTES),
    b"stream": ("XLEN", MEMBER_BYTES),
}


def sizes_of(link: RedisLink, keys: Sequence[bytes]) -> list[Any]:
    """Return each key's bytes, None where there is no such key, a ResponseError where it cannot be learned.

    Where the server does not let us ask MEMORY USAGE, a string is as large as its text, and every member of a
    collection counts for 512 bytes.
    """
    sizes = link.ask_all([("MEMORY", "USAGE", key) for key in keys])
    if any(_not_allowed(size) for size in sizes):
        return counted_sizes(link, keys)
    return sizes


def counted_sizes(link: RedisLink, keys: Sequence[bytes]) -> list[Any]:
    """Return the same without MEMORY USAGE."""
    kinds = link.ask_all([("TYPE", key) for key in keys])
    asked: list[Sequence[Argument]] = []
    for key, kind in zip(keys, kinds, strict=True):
        word, _ = COUNTED_BY.get(_name(kind), ("EXISTS", 1))
        asked.append((word, key))
    answers = link.ask_all(asked)
    return [_size(kind, answer) for kind, answer in zip(kinds, answers, strict=True)]


def _not_allowed(size: object) -> bool:
    refused = isinstance(size, ResponseError)
    return refused and (isinstance(size, NoPermissionError) or "unknown command" in str(size))


def _name(kind: object) -> bytes:
    return kind if isinstance(kind, bytes) else b""


def _size(kind: object, answer: object) -> object:
    """A kind that we do not know is as large as can be: it is renamed, never dumped."""
    if isinstance(kind, ResponseError):
        return kind
    if _name(kind) == b"none":
        return None
    if not isinstance(answer, int) or isinstance(answer, bool):
        return answer
    if _name(kind) not in COUNTED_BY:
        return 1 << 40
    return answer * COUNTED_BY[_name(kind)][1]
