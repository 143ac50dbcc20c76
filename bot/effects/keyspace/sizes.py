"""How large keys are, asked in the way that the server allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.exceptions import NoPermissionError, ResponseError

from bot.effects.keyspace.connect import RedisLink

MEMBER_BYTES = 512
# What counts what a key of each kind holds, and how many bytes one of that is taken for.
COUNTS = (
    (b"STRLEN", 1),
    (b"HLEN", MEMBER_BYTES),
    (b"LLEN", MEMBER_BYTES),
    (b"SCARD", MEMBER_BYTES),
    (b"ZCARD", MEMBER_BYTES),
    (b"XLEN", MEMBER_BYTES),
)
UNKNOWN = 1 << 40


def sizes_of(link: RedisLink, keys: Sequence[bytes]) -> list[Any]:
    """Return each key's bytes, None where there is no such key, a ResponseError where it cannot be learned.

    Where the server does not let us ask MEMORY USAGE, a string is as large as its text, and every member of a
    collection counts for 512 bytes.
    """
    sizes = link.ask_all([("MEMORY", "USAGE", key) for key in keys])
    if not any(_not_allowed(size) for size in sizes):
        return sizes
    each = len(COUNTS)
    answers = link.ask_all([(word, key) for key in keys for word, _ in COUNTS])
    return [counted(answers[at : at + each]) for at in range(0, len(answers), each)]


def counted(answers: Sequence[Any]) -> Any:
    """Return a key's size from the answers to all of COUNTS: only the one for the key's kind is a number.

    None where there is no key, for then all are; a kind that we do not know is as large as can be: never dumped.
    """
    sizes = [
        answer * each
        for answer, (_, each) in zip(answers, COUNTS, strict=True)
        if type(answer) is int
    ]
    if len(sizes) == len(COUNTS):
        return None
    if sizes:
        return sizes[0]
    return next((answer for answer in answers if isinstance(answer, NoPermissionError)), UNKNOWN)


def _not_allowed(size: object) -> bool:
    refused = isinstance(size, ResponseError)
    return refused and (isinstance(size, NoPermissionError) or "unknown command" in str(size))
