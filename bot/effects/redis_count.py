"""Walks a scope without touching it and says what a purge would take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import zstandard
from redis.exceptions import ResponseError

from bot.effects.redis_connect import RedisLink
from bot.effects.redis_renaming import BIG
from bot.effects.redis_sizes import sizes_of
from bot.effects.redis_trouble import refusal_of
from bot.effects.redis_wanted import START
from bot.release.plan import PatternCount, TtlSpread
from bot.release.scope import (
    MAX_NEIGHBOURS,
    MIN_PREFIX,
    common_prefix,
    escape_glob,
    matches,
    neighbour,
    show_key,
    to_redis_glob,
)

PAGE = 500
REST = 0.25
MEASURED = 20_000
WALKED_FOR_ESTIMATE = 20_000
DUMPED_FOR_ESTIMATE = 200
SPREAD = (
    (60_000, "under_minute"),
    (3_600_000, "under_hour"),
    (86_400_000, "under_day"),
)


@dataclass
class _Sum:
    """What is known of one pattern so far; the first 20,000 keys are measured, the rest counted."""

    keys: int = 0
    measured: int = 0
    memory: int = 0
    spread: dict[str, int] = field(default_factory=dict)
    sample: list[bytes] = field(default_factory=list)
    neighbours: set[str] = field(default_factory=set)


def count_scope(
    link: RedisLink, patterns: Sequence[str], *, sample: int
) -> tuple[tuple[PatternCount, ...], int]:
    """Return a count for each pattern, and all keys of the database; a key counts for its first pattern only.

    Over 20,000 keys of a pattern, its bytes and its spread of expiries are extrapolated from the first 20,000:
    the server hands keys out in the order of their hashes, which is as good as by chance.
    """
    sums = {pattern: _Sum() for pattern in patterns}
    for glob, asked in _passes(patterns):
        for page in _pages(link, glob):
            sorted_out = _sort_out(page, asked, patterns)
            for pattern, keys in sorted_out.items():
                _add(link, sums[pattern], pattern, keys, sample)
    counts = tuple(_finished(pattern, found) for pattern, found in sums.items())
    return counts, int(link.call("DBSIZE"))


def _passes(patterns: Sequence[str]) -> list[tuple[bytes, tuple[str, ...]]]:
    """Return the globs to walk and the patterns looked for in each: one walk where they share a prefix."""
    shared = common_prefix(patterns)
    if len(patterns) > 1 and len(shared) >= MIN_PREFIX:
        return [(escape_glob(shared.encode()) + b"*", tuple(patterns))]
    return [(to_redis_glob(pattern), (pattern,)) for pattern in patterns]


def _pages(link: RedisLink, glob: bytes) -> Iterator[list[bytes]]:
    cursor = START
    while True:
        begun = time.monotonic()
        cursor, page = link.call("SCAN", cursor, "MATCH", glob, "COUNT", PAGE)
        yield page
        if cursor == START:
            return
        time.sleep((time.monotonic() - begun) * REST)


def _sort_out(
    page: Sequence[bytes], asked: Sequence[str], patterns: Sequence[str]
) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for key in page:
        first = next((pattern for pattern in patterns if matches(pattern, key)), None)
        if first is not None and first in asked:
            found.setdefault(first, []).append(key)
    return found


def _add(link: RedisLink, total: _Sum, pattern: str, keys: Sequence[bytes], sample: int) -> None:
    total.keys += len(keys)
    total.sample += keys[: max(0, sample - len(total.sample))]
    if len(total.neighbours) < MAX_NEIGHBOURS:
        total.neighbours.update(filter(None, (neighbour(pattern, key) for key in keys)))
    measured = keys[: MEASURED - total.measured]
    rests = link.ask_all([("PTTL", key) for key in measured])
    for size, rest in zip(sizes_of(link, measured), rests, strict=True):
        for answer in (size, rest):
            if isinstance(answer, ResponseError):
                raise refusal_of(answer, "a key could not be measured", link.place)
        total.measured += 1
        total.memory += size or 0
        name = _spread_of(rest)
        total.spread[name] = total.spread.get(name, 0) + 1


def _spread_of(rest_ms: int) -> str:
    if rest_ms == -1:
        return "no_expiry"
    return next((name for limit, name in SPREAD if rest_ms < limit), "longer")


def _finished(pattern: str, total: _Sum) -> PatternCount:
    factor = total.keys / max(total.measured, 1)
    spread = {name: round(count * factor) for name, count in total.spread.items()}
    if spread:
        largest = max(spread, key=lambda name: spread[name])
        spread[largest] += total.keys - sum(spread.values())
    return PatternCount(
        pattern=pattern,
        keys=total.keys,
        bytes=round(total.memory * factor),
        ttl=TtlSpread(**spread),
        sample=tuple(sorted(show_key(key) for key in total.sample)),
        neighbours=tuple(sorted(total.neighbours)[:MAX_NEIGHBOURS]),
    )


def estimate_bytes(link: RedisLink, patterns: Sequence[str]) -> int:
    """Return about how many bytes a snapshot of the scope will take on disk.

    Looks at 20,000 keys of the database at most, and dumps and compresses at most 200 that match.
    """
    walked, found, cursor = 0, [], START
    while walked < WALKED_FOR_ESTIMATE:
        cursor, page = link.call("SCAN", cursor, "COUNT", PAGE)
        walked += len(page)
        found += [key for key in page if any(matches(pattern, key) for pattern in patterns)]
        if cursor == START:
            break
    chosen = found[:: len(found) // DUMPED_FOR_ESTIMATE + 1]
    sizes = sizes_of(link, chosen)
    small = [
        key
        for key, size in zip(chosen, sizes, strict=True)
        if isinstance(size, int) and size <= BIG
    ]
    dumps = [
        dump for dump in link.ask_all([("DUMP", key) for key in small]) if isinstance(dump, bytes)
    ]
    if not dumps:
        return 0
    packed = len(zstandard.compress(b"".join(dumps)))
    share = 1.0 if cursor == START else int(link.call("DBSIZE")) / max(walked, 1)
    return int(packed / len(chosen) * len(found) * share)
