"""Whether a server has room for a snapshot."""

from __future__ import annotations

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.info import info_of
from bot.release.refusal import Code, Refusal

MEMORY_FACTOR = 1.4


def refuse_when_full(link: RedisLink, raw_bytes: int) -> None:
    """Refuse a restore that a full server without eviction would not take; unknown where INFO is not allowed."""
    fields = info_of(link, "memory")
    if fields is None:
        return
    limit = int(fields.get("maxmemory", "0"))
    used = int(fields.get("used_memory", "0"))
    needed = int(raw_bytes * MEMORY_FACTOR)
    if limit and fields.get("maxmemory_policy") == "noeviction" and used + needed > limit:
        raise Refusal(
            code=Code.REDIS_FULL,
            failed=f"Redis at {link.place} uses {used:,} of {limit:,} bytes; the snapshot needs about {needed:,}. "
            "Nothing was touched.",
            expected="free memory for the snapshot; free or raise maxmemory, then try again.",
            retry_is_safe=True,
        )
