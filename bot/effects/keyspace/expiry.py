"""When keys expire, on servers old and new."""

from __future__ import annotations

from collections.abc import Sequence

from redis.exceptions import ResponseError

from bot.effects.keyspace.abilities import Abilities
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.trouble import refusal_of

GONE = -2


def server_now_ms(link: RedisLink) -> int:
    """Return the server's Unix time in milliseconds."""
    seconds, micros = link.call("TIME")
    return int(seconds) * 1000 + int(micros) // 1000


def expiries(link: RedisLink, found: Abilities, keys: Sequence[bytes]) -> list[int]:
    """Return each key's expiry as Unix time in milliseconds, 0 where it never expires, -2 where there is no key."""
    word = "PEXPIRETIME" if found.absolute_expiry else "PTTL"
    answers = link.ask_all([(word, key) for key in keys])
    now = 0 if found.absolute_expiry or not keys else server_now_ms(link)
    moments: list[int] = []
    for answer in answers:
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, f"{word} was refused", link.place)
        moments.append(answer + now if answer >= 0 else GONE if answer == GONE else 0)
    return moments
