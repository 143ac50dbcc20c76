"""The shop's page cache in Redis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEPT_S = 3600


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A cached page: its text, the version that made it, and when (Unix time)."""

    text: str
    version: str
    made_at: float

    def packed(self) -> str:
        """Return the copy as the value of its key."""
        return json.dumps(
            {"text": self.text, "version": self.version, "made_at": self.made_at},
            separators=(",", ":"),
        )


def unpacked(value: str) -> Copy:
    """Return the copy that a key's value holds."""
    kept = cast("Mapping[str, str | float]", json.loads(value))
    return Copy(
        text=str(kept["text"]), version=str(kept["version"]), made_at=float(kept["made_at"])
    )


def key_of(path: str, query: str) -> str:
    """Return the key of a page; the query is part of it, the visitor is not."""
    return f"anp:page:{path}{'?' + query if query else ''}"


class PageCache:
    """Copies of pages for everybody. A cache that cannot be reached is an empty one."""

    def __init__(self, redis_url: str) -> None:
        """Use this Redis; connections open with the first page."""
        self._redis = Redis.from_url(redis_url, decode_responses=True)

    async def find(self, key: str) -> Copy | None:
        """Return the copy of a page, None where there is none."""
        try:
            value = cast("str | None", await self._redis.get(key))
        except RedisError:
            return None
        return None if value is None else unpacked(value)

    async def keep(self, key: str, copy: Copy) -> bool:
        """Keep a copy for an hour; return whether it was kept."""
        try:
            await self._redis.set(key, copy.packed(), ex=KEPT_S)
        except RedisError:
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()
