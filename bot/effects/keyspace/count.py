"""Walks a scope without touching it and says what a purge would take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import zstandard
from redis.exceptions import ResponseError

from bot.effects.keyspace.connect import RedisLink, packed
from bot.effects.keyspace.renaming import BIG
from bot.effects.keyspace.sizes import sizes_of
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.keyspace.wanted import START, wanted_by
from bot.release.estimating import estimated_total
from bot.release.plan import PatternCount
from bot.release.scope import matches
from bot.release.tally import Measured, Tally

PAGE = 1_000
MEASURED = 4_000
MOST_MEASURED = 12_000
FEWEST = 400
ROUGH = 0.05
ASKED_AT_ONCE = 50
WALKED_FOR_ESTIMATE = 20_000
DUMPED_FOR_ESTIMATE = 200
GONE = -2


def walk_scope(
    servers: Servers,
    patterns: Sequence[str],
    *,
    sample: int,
    others: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Tally, ...]:
    """Return what one walk of the keyspace tells of each pattern; a key counts for its first pattern only.

    Names alone are looked at, so that the server's counters of hits and misses stand still. With a `sample` of 0
    keys are only counted. The memory this takes does not depend on the number of keys.
    """
    most = _share(MOST_MEASURED, patterns) if sample else 0
    tallies = tuple(
        Tally(pattern=pattern, most=most, sample=sample, others=others or {})
        for pattern in patterns
    )
    wanted = wanted_by(patterns)
    for node in servers.nodes:
        for page in _pages(node.link, wanted.glob):
            _sort_out(page, tallies)
    return tallies


def _sort_out(page: Sequence[bytes], tallies: Sequence[Tally]) -> None:
    for tally in tallies:
        mine = [key for key in page if matches(tally.pattern, key)]
        tally.add(mine)
        if len(mine) == len(page):
            return
        page = [key for key in page if not matches(tally.pattern, key)]


def _pages(link: RedisLink, glob: bytes) -> Iterator[list[bytes]]:
    """Return the keys page by page; while one is worked on, the server looks for the next."""
    link.post(_scan(START, glob), 1)
    while True:
        (answer,) = link.collect()
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, "SCAN was refused", link.place)
        cursor, page = answer
        if cursor != START:
            link.post(_scan(cursor, glob), 1)
        yield page
        if cursor == START:
            return


def _scan(cursor: bytes, glob: bytes) -> bytes:
    return packed([(b"SCAN", cursor, b"MATCH", glob, b"COUNT", PAGE)])


def count_scope(
    servers: Servers,
    patterns: Sequence[str],
    *,
    sample: int,
    others: Mapping[str, Sequence[str]] | None = None,
) -> tuple[tuple[PatternCount, ...], int]:
    """Return a count for each pattern, and all keys of the database."""
    tallies = walk_scope(servers, patterns, sample=sample, others=others)
    return measure_all(servers, tallies), database_keys(servers)


def database_keys(servers: Servers) -> int:
    """Return the number of all keys."""
    return sum(int(node.link.call("DBSIZE")) for node in servers.nodes)


def measure_all(servers: Servers, tallies: Sequence[Tally]) -> tuple[PatternCount, ...]:
    """Return what was walked, with the size, the expiry and the type of keys that were drawn.

    Of all patterns together 4,000 keys are measured, and up to 12,000 where sizes differ so much that the
    total is not sure to 5 %; each pattern gets its share, at least 400.
    """
    few = _share(MEASURED, tallies)
    return tuple(tally.finished(_enough(servers, tally, few)) for tally in tallies)


def _share(keys: int, patterns: Sequence[object]) -> int:
    return max(FEWEST, keys // len(patterns))


def _enough(servers: Servers, tally: Tally, few: int) -> list[Measured]:
    drawn, found = tally.lot.keys, list[Measured]()
    for first in range(0, len(drawn), few):
        found += measure(servers, drawn[first : first + few])
        total, error = estimated_total([row.bytes for row in found], tally.keys)
        if error <= total * ROUGH:
            break
    return found


def measure(servers: Servers, keys: Sequence[bytes]) -> list[Measured]:
    """Return size, expiry and type of those keys that are still there."""
    found: list[Measured] = []
    for node in servers.nodes:
        found += _measure(node.link, [key for key in keys if servers.owner(key) is node])
    return found


def _measure(link: RedisLink, keys: Sequence[bytes]) -> list[Measured]:
    found: list[Measured] = []
    for first in range(0, len(keys), ASKED_AT_ONCE):
        page = keys[first : first + ASKED_AT_ONCE]
        asked = [command for key in page for command in (("PTTL", key), ("TYPE", key))]
        sizes, answers = sizes_of(link, page), link.ask_all(asked)
        rows = zip(page, sizes, answers[::2], answers[1::2], strict=True)
        for key, size, rest, kind in rows:
            for answer in (size, rest):
                if isinstance(answer, ResponseError):
                    raise refusal_of(answer, "a key could not be measured", link.place)
            if size is not None and rest != GONE:
                found.append(Measured(key=key, bytes=size, rest_ms=rest, type=_named(kind)))
    return found


def _named(kind: bytes | ResponseError) -> str:
    """Return a type's name; a user without the right to ask learns no types, and no more is lost."""
    return "" if isinstance(kind, ResponseError) else kind.decode()


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
