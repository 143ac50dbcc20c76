"""Reads INFO, which some users may not."""

from __future__ import annotations

import time
from collections.abc import Mapping

from redis.exceptions import ResponseError

from bot.effects.redis_connect import RedisLink
from bot.release.forecast import Traffic


def info_of(link: RedisLink, section: str) -> Mapping[str, str] | None:
    """Return the fields of one section of INFO; None where the server does not let this user read it."""
    answer = link.ask("INFO", section)
    if isinstance(answer, ResponseError):
        return None
    text = answer.decode("utf-8", "replace")
    return dict(line.partition(":")[::2] for line in text.splitlines() if ":" in line)


def traffic_of(link: RedisLink) -> Traffic | None:
    """Return what the server counted so far; None where it does not say."""
    stats, keyspace = info_of(link, "stats"), info_of(link, "keyspace")
    if not stats or keyspace is None or "keyspace_hits" not in stats:
        return None
    return Traffic(
        hits=int(stats["keyspace_hits"]),
        misses=int(stats.get("keyspace_misses", "0")),
        keys=sum(map(_keys_of, keyspace.values())),
        at=time.monotonic(),
    )


def _keys_of(database: str) -> int:
    """Return the number of keys in `keys=12,expires=3,avg_ttl=0`."""
    fields = dict(part.partition("=")[::2] for part in database.split(","))
    return int(fields.get("keys", "0"))
