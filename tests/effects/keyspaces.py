"""Keys for tests, and what a purge of them needs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.restored import RestoreOutcome, RestoreProgress
from bot.effects.keyspace.verify import VerifyOutcome
from bot.effects.keyspace.walk import PurgeOutcome, PurgeProgress
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.soft import Soft
from bot.release.waves import WHOLE, Wave
from tests.keyspace_picture import picture

SCOPE = ("anp:page:/products*", "anp:fragment:products:*")
HMAC_KEY = b"k" * 32
ENCRYPTION_KEY = b"e" * 32
BIG = b"b" * 3_000_000
TABLES = {2, 4}
SOFT_S = 600


def live(url: str) -> dict[bytes, tuple[bytes, int]]:
    """Return every key that the app can see: its content and its absolute expiry.

    The content is the DUMP, but for large hashes and sets, which servers before Redis 7.2 put in another order.
    """
    found = {key: value for key, value in picture(url).items() if not key.startswith(b"~q:")}
    with Redis.from_url(url) as client:
        for key, (dump, expires_at) in found.items():
            if dump[0] in TABLES:
                found[key] = (members(client, key), expires_at)
    return found


def members(client: Redis, key: bytes) -> bytes:
    if client.type(key) == b"set":
        return repr(sorted(client.smembers(key))).encode()
    return repr(sorted(client.hgetall(key).items())).encode()


def staged(client: Redis) -> list[bytes]:
    """Return the names that a purge left staged."""
    return sorted(client.scan_iter(b"~q:*", count=1000))


def snapshots_in(
    folder: Path,
    *,
    encrypted: bool = False,
    max_bytes: int = 10**9,
    segment_bytes: int = 10**8,
) -> SnapshotFiles:
    return SnapshotFiles(
        folder,
        hmac_key=HMAC_KEY,
        encryption_key=ENCRYPTION_KEY if encrypted else None,
        max_bytes=max_bytes,
        segment_bytes=segment_bytes,
    )


def hour_from_now() -> int:
    return int(time.time() * 1000) + 3_600_000


def plant_every_kind(client: Redis, *, strings: int = 300) -> int:
    """Write keys of every type into the scope, and 500 beside it; return how many are in the scope."""
    pipe = client.pipeline(transaction=False)
    for number in range(strings):
        pipe.set(f"anp:page:/products/{number}", f"page {number} " * 20)
        if number % 2:
            pipe.pexpireat(f"anp:page:/products/{number}", hour_from_now() + number)
    pipe.hset("anp:fragment:products:hash", mapping={f"f{n}": "v" * n for n in range(50)})
    pipe.hset("anp:fragment:products:table", mapping={f"f{n}": f"v{n}" for n in range(2000)})
    pipe.sadd("anp:fragment:products:set", *(f"member {n}" for n in range(2000)))
    pipe.zadd("anp:fragment:products:zset", {f"m{n}": n for n in range(300)})
    pipe.rpush("anp:fragment:products:list", *range(400))
    pipe.xadd("anp:fragment:products:stream", {"a": "b"}, id="1-1")
    names = (b"a b", b"it's", b'"', b"n\nl", b"\x00\xff\x01", b"{x}y", b"[x]", b"back\\slash")
    for name in names:
        pipe.set(b"anp:fragment:products:" + name, b"\x00binary\xff")
    pipe.set("anp:page:/products/big", BIG, pxat=hour_from_now())
    for number in range(500):
        pipe.set(f"anp:page:/other/{number}", "stays")
    pipe.set("anp:page:/productx", "stays")
    pipe.execute()
    return strings + 6 + len(names) + 1


def plant_many(client: Redis, keys: int, *, prefix: str = "anp:page:/products/") -> None:
    """Write strings into the scope, half of them with an expiry."""
    pipe = client.pipeline(transaction=False)
    for number in range(keys):
        pipe.set(f"{prefix}{number}", f"value {number} " * 10)
        if number % 2:
            pipe.pexpireat(f"{prefix}{number}", hour_from_now() + number)
    pipe.execute()


def ignore(batch: PurgeProgress | RestoreProgress) -> None:
    """Take no notice of a batch."""


def purge(
    keyspace: RedisKeyspace,
    files: SnapshotFiles,
    name: str = "r1",
    patterns: Sequence[str] = SCOPE,
    wave: Wave = WHOLE,
) -> PurgeOutcome:
    with files.writer(name) as writer:
        return keyspace.purge(patterns, writer, stage=name, on_batch=ignore, wave=wave)


def soft_scope(keyspace: RedisKeyspace, folder: Path, ttl_s: int = SOFT_S) -> tuple[Soft, ...]:
    """Return the scope as a soft one; every run of the purge adds the moment at which it began."""
    told = folder / "begun"
    begun = [*(told.read_text().split() if told.exists() else ()), str(keyspace.clock_ms())]
    told.write_text(" ".join(begun))
    moments = tuple(map(int, begun))
    return tuple(Soft(pattern=row, ttl_s=ttl_s, begun_ms=moments) for row in SCOPE)


def soften(keyspace: RedisKeyspace, files: SnapshotFiles, soft: Sequence[Soft]) -> PurgeOutcome:
    with files.writer("r1") as writer:
        return keyspace.purge((), writer, stage="r1", on_batch=ignore, soft=soft)


def restore(keyspace: RedisKeyspace, files: SnapshotFiles, name: str = "r1") -> RestoreOutcome:
    return keyspace.restore(files.reader(name), on_batch=ignore)


def verify(keyspace: RedisKeyspace, files: SnapshotFiles, name: str = "r1") -> VerifyOutcome:
    return keyspace.verify(files.reader(name), on_batch=ignore)
