"""A purge: walks a scope slice by slice, and continues what an earlier run left staged."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.effects.redis_abilities import Abilities
from bot.effects.redis_connect import RedisLink
from bot.effects.redis_expiry import expiries
from bot.effects.redis_slices import BIG, START, Slice
from bot.effects.redis_staging import Staging
from bot.effects.snapshot_frames import Captured, SetAside, records_in
from bot.effects.snapshot_writer import SnapshotWriter
from bot.release.scope import escape_glob, matches, to_redis_glob

PASSES = 3
TELL_EVERY_S = 0.25
NAP_S = 0.001
STAGED_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class PurgeProgress:
    """How far a purge is: `done` keys are in the snapshot or set aside, `total` is 0 where it is not known.

    `scanned` is about how many keys of the database were walked, `bytes` what was captured before compression.
    """

    done: int
    total: int
    scanned: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class PurgeOutcome:
    """What a purge did, earlier runs of the same snapshot included; `quarantined` of the `taken` keys were large.

    `bytes` were captured before compression. `strangers` are keys the server matched and we did not: put back.
    `slowest_us` is the longest that one slice kept the server, by its own clock.
    """

    taken: int
    quarantined: int
    bytes: int
    seconds: float
    strangers: int = 0
    slices: int = 0
    slowest_us: int = 0


class Walk:
    """The walk of one purge over its patterns."""

    def __init__(
        self,
        staging: Staging,
        snapshot: SnapshotWriter,
        *,
        duty: float,
        on_batch: Callable[[PurgeProgress], None],
    ) -> None:
        """Take the largest share of the time (0 to 1) that slices may keep the server."""
        self._staging = staging
        self._snapshot = snapshot
        self._duty = duty
        self._on_batch = on_batch
        self._told = time.monotonic()
        self._owed = 0.0
        self.scanned = 0
        self.slices = 0
        self.slowest_us = 0

    def take(self, pattern: str) -> None:
        """Take every key of a pattern; a key whose staged name was still taken is looked for again."""
        for _ in range(PASSES):
            if self._pass(pattern) == 0:
                return
            self._staging.make_durable()
            self._staging.unlink_durable()

    def _pass(self, pattern: str) -> int:
        cursor, glob, again = START, to_redis_glob(pattern), 0
        while True:
            begun = time.monotonic()
            cut = self._staging.cut(pattern, cursor, glob)
            self._count(cut)
            again += cut.again
            if cut.wrong is not None:
                raise cut.wrong
            if self._staging.full or begun - self._told >= TELL_EVERY_S:
                self._staging.make_durable()
                self.tell()
            if cut.done:
                return again
            cursor = cut.cursor
            self._rest(cut.micros / 1e6 / self._duty - (time.monotonic() - begun))

    def _rest(self, owed: float) -> None:
        """Leave the server to others for what the slices took too much; naps of less than 1 ms last longer."""
        self._owed = max(0.0, self._owed + owed)
        if self._owed >= NAP_S:
            time.sleep(self._owed)
            self._owed = 0.0

    def _count(self, cut: Slice) -> None:
        self.scanned += cut.scanned
        self.slices += 1
        self.slowest_us = max(self.slowest_us, cut.micros)

    def tell(self) -> None:
        """Say how far it is."""
        self._told = time.monotonic()
        self._on_batch(
            PurgeProgress(
                done=self._snapshot.keys + len(self._snapshot.aside),
                total=0,
                scanned=self.scanned,
                bytes=self._snapshot.raw_bytes,
            )
        )


def reconcile_staged(
    link: RedisLink,
    found: Abilities,
    snapshot: SnapshotWriter,
    staging: Staging,
    prefix: bytes,
) -> int:
    """Make durable and unlink what an earlier run left staged; return how many keys that were.

    What the last durable batches hold already is only unlinked. Large keys stay, and are listed.
    """
    known = {record.frame() for record in records_in(snapshot.found_recent())}
    listed = {record.staged for record in snapshot.aside}
    _unlink_known(link, found, staging, prefix, known)
    count = 0
    for page in staged_pages(link, prefix):
        for record in read_staged(link, found, page, prefix):
            if prefix + record.key in listed:
                continue
            pattern = next((row for row in snapshot.patterns if matches(row, record.key)), "")
            staging.hold(record, pattern)
            count += 1
        if staging.full:
            staging.make_durable()
    staging.make_durable()
    staging.unlink_durable()
    return count


def _unlink_known(
    link: RedisLink, found: Abilities, staging: Staging, prefix: bytes, known: set[bytes]
) -> None:
    """What is durable goes first: no more than two batches may ever be both durable and staged."""
    if not known:
        return
    for page in staged_pages(link, prefix):
        records = read_staged(link, found, page, prefix)
        staging.unlink(
            row.key for row in records if isinstance(row, Captured) and row.frame() in known
        )


def staged_pages(link: RedisLink, prefix: bytes) -> list[list[bytes]]:
    """Return the staged names, in pages; a purge has at most a few thousand of them."""
    cursor, names = START, dict[bytes, None]()
    while True:
        cursor, page = link.call("SCAN", cursor, "MATCH", escape_glob(prefix) + b"*", "COUNT", 500)
        names.update(dict.fromkeys(page))
        if cursor == START:
            break
    every = list(names)
    return [every[at : at + STAGED_PAGE] for at in range(0, len(every), STAGED_PAGE)]


def read_staged(
    link: RedisLink, found: Abilities, names: Sequence[bytes], prefix: bytes
) -> list[Captured | SetAside]:
    """Return what stands under these staged names now, large keys without their content."""
    sizes = link.ask_all([("MEMORY", "USAGE", name) for name in names])
    small = [name for name, size in zip(names, sizes, strict=True) if size and size <= BIG]
    dumps = dict(zip(small, link.ask_all([("DUMP", name) for name in small]), strict=True))
    moments = expiries(link, found, names)
    records: list[Captured | SetAside] = []
    for name, size, moment in zip(names, sizes, moments, strict=True):
        key = name.removeprefix(prefix)
        dump = dumps.get(name)
        if dump is not None:
            records.append(Captured(key=key, expires_at=moment, dump=dump))
        elif size and size > BIG:
            records.append(SetAside(key=key, staged=name, expires_at=moment))
    return records
