"""Copies of a few keys of a scope under names of the bot's own, on which a rollback is rehearsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import ResponseError

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.expiry import server_now_ms
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.sizes import sizes_of
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.keyspace.wanted import START, wanted_by
from bot.effects.snapshots.frames import Captured
from bot.release.scope import STAGING, scratch_prefix

MOST_KEYS = 200
MOST_BYTES = 4_000_000
LARGEST = 100_000
PAGE = 500
WALKED_AT_MOST = 200_000
LIFE_MS = 15 * 60_000


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The copies of a drill: `pattern` matches them and nothing else, `names` are their keys.

    `skipped` keys of the sample were too large to copy without need, or gone when it was their turn.
    """

    pattern: str
    names: tuple[bytes, ...]
    skipped: int

    @property
    def keys(self) -> int:
        """Return how many copies there are."""
        return len(self.names)


def drill_stage(token: str) -> str:
    """Return the stage that the copies of a drill are named by; `token` is 12 hex digits."""
    return scratch_prefix(token).removeprefix(STAGING).removesuffix(":")


def copy_sample(link: RedisLink, naming: Naming, patterns: Sequence[str]) -> Copied:
    """Copy at most 200 keys or 4 MB of a scope, none over 100 kB, to the names of a drill.

    The keys themselves are only read. Each copy expires after 15 minutes, by itself should the bot die; each in
    a millisecond of its own, so that a restore that mixed expiries up would be seen.
    """
    found = _look_for(link, patterns)
    small = _fitting(found, sizes_of(link, found))
    until = server_now_ms(link) + LIFE_MS
    records: list[Captured] = []
    for key, dump in zip(small, link.ask_all([("DUMP", key) for key in small]), strict=True):
        if isinstance(dump, ResponseError):
            raise refusal_of(dump, "a key could not be copied", link.place)
        if dump is not None:
            at = until + len(records)
            records.append(Captured(key=naming.staged(key), expires_at=at, dump=dump))
    for answer in link.send(b"".join(row.frame() for row in records), len(records)):
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, "a copy could not be written", link.place)
    names = tuple(row.key for row in records)
    return Copied(
        pattern=f"{naming.prefix.decode()}*", names=names, skipped=len(found) - len(names)
    )


def _fitting(keys: Sequence[bytes], sizes: Sequence[object]) -> list[bytes]:
    """Return the keys to copy: none that is large, and all of them together small enough."""
    chosen, room = [], MOST_BYTES
    for key, size in zip(keys, sizes, strict=True):
        if isinstance(size, int) and size <= min(LARGEST, room):
            chosen.append(key)
            room -= size
    return chosen


def drop_copies(link: RedisLink, copied: Copied) -> None:
    """Remove what is left of the copies under their own names."""
    if copied.names:
        link.ask_all([("UNLINK", name) for name in copied.names])


def _look_for(link: RedisLink, patterns: Sequence[str]) -> list[bytes]:
    """Return up to 200 keys of the scope; the server hands keys out by their hashes, which is as good as by chance."""
    wanted = wanted_by(patterns)
    found: dict[bytes, None] = {}
    cursor, walked = START, 0
    while len(found) < MOST_KEYS and walked < WALKED_AT_MOST:
        cursor, page = link.call("SCAN", cursor, "MATCH", wanted.glob, "COUNT", PAGE)
        walked += PAGE
        found.update((key, None) for key in page if wanted.pattern_of(key) is not None)
        if cursor == START:
            break
    return list(found)[:MOST_KEYS]
