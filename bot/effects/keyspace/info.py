"""Reads INFO, which some users may not."""

from __future__ import annotations

from collections.abc import Mapping

from redis.exceptions import ResponseError

from bot.effects.keyspace.connect import RedisLink


def info_of(link: RedisLink, section: str) -> Mapping[str, str] | None:
    """Return the fields of one section of INFO; None where the server does not let this user read it."""
    answer = link.ask("INFO", section)
    if isinstance(answer, ResponseError):
        return None
    text = answer.decode("utf-8", "replace")
    return dict(line.partition(":")[::2] for line in text.splitlines() if ":" in line)
