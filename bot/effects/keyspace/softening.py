"""A soft purge: keys are copied into the snapshot where they stand, and expire soon once the copy is durable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from redis.exceptions import ResponseError

from bot.effects.keyspace.abilities import Abilities
from bot.effects.keyspace.bites import DUMP_BYTE_US, DUMP_US, Bites
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.renaming import BIG, Renaming
from bot.effects.keyspace.sizes import sizes_of
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.trouble import refusal_of, slot_is_elsewhere
from bot.effects.keyspace.wanted import START, Wanted
from bot.effects.snapshots.frames import Captured
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.refusal import Code, Refusal
from bot.release.scope import matches, show_key
from bot.release.soft import Soft


class Softening(Staging):
    """Keys that are copied and not durable yet keep their name and their expiry; only large ones are renamed."""

    def __init__(
        self, link: RedisLink, snapshot: SnapshotWriter, naming: Naming, soft: Sequence[Soft]
    ) -> None:
        """Take what is wished for the keys of each pattern."""
        super().__init__(link, snapshot, naming)
        self._soft = soft

    def soft_of(self, key: bytes) -> Soft:
        """Return what is wished for a key that was found."""
        return next(row for row in self._soft if matches(row.pattern, key))

    def _leave(self, keys: Sequence[bytes]) -> list[tuple[bytes, ...]]:
        """LT never lets a key live longer than it would have: one without expiry counts as living for ever."""
        rows = ((key, self.soft_of(key).target(key)) for key in keys)
        return [(b"PEXPIREAT", key, b"%d" % target, b"LT") for key, target in rows]

    def _put_held_back(self) -> None:
        self.rename_back([record.key for record in self.held.aside])


class SoftCapture:
    """DUMP of what SCAN finds, a page at a time, then a nearer expiry; keys that have it already are passed over."""

    def __init__(
        self, link: RedisLink, renaming: Renaming, staging: Softening, bites: Bites, pacer: Pacer
    ) -> None:
        """Start at the begin."""
        self._link = link
        self._renaming = renaming
        self._staging = staging
        self._bites = bites
        self._pacer = pacer
        self._again = 0
        self._moving: Refusal | None = None
        self.scanned = 0
        self.requests = 0

    def run(self, wanted: Wanted, between: Callable[[], None]) -> int:
        """Walk the keyspace once; return how many keys changed while they were copied, or were between two nodes.

        `between` is called after every page, and may raise to stop.
        """
        self._again, self._moving, cursor = 0, None, START
        while True:
            count = self._bites.buckets
            cursor, page = self._link.call("SCAN", cursor, "MATCH", wanted.glob, "COUNT", count)
            self.scanned += count
            found = wanted.of(page)
            sizes = sizes_of(self._link, found)
            for some in self._windows(found, sizes):
                self._copy(wanted, some)
            self._set_aside([key for key, size in zip(found, sizes, strict=True) if _large(size)])
            self._keep_up()
            between()
            if cursor == START:
                return self._again

    def refuse_moving(self) -> None:
        """Refuse to be done where the last walk met a slot that was between two nodes."""
        if self._moving is not None:
            raise self._moving

    def _windows(self, keys: Sequence[bytes], sizes: Sequence[Any]) -> list[list[bytes]]:
        windows: list[list[bytes]] = [[]]
        left = self._bites.budget_us
        for key, size in zip(keys, sizes, strict=True):
            if isinstance(size, ResponseError):
                self._refuse(key, size)
            elif size is not None and size <= BIG:
                windows[-1].append(key)
                left -= DUMP_US + size * DUMP_BYTE_US
                if left <= 0:
                    windows.append([])
                    left = self._bites.budget_us
        return [window for window in windows if window]

    def _copy(self, wanted: Wanted, keys: Sequence[bytes]) -> None:
        """An expiry that is the same before and after the DUMP belongs to the value that was dumped."""
        words = [
            row
            for key in keys
            for row in ((b"PEXPIRETIME", key), (b"DUMP", key), (b"PEXPIRETIME", key))
        ]
        answers = self._link.ask_all(words)
        self.requests += 1
        for at, key in enumerate(keys):
            before, dump, after = answers[3 * at : 3 * at + 3]
            wrong = next((row for row in (before, dump, after) if isinstance(row, Exception)), None)
            pattern = wanted.pattern_of(key)
            if wrong is not None:
                self._refuse(key, wrong)
            elif dump is None or pattern is None:
                continue
            elif before != after:
                self._again += 1
            elif not self._staging.soft_of(key).is_target(key, before):
                expires_at = max(before, 0)
                self._staging.hold(Captured(key=key, expires_at=expires_at, dump=dump), pattern)
        self._pacer.rest(len(keys))

    def _set_aside(self, keys: Sequence[bytes]) -> None:
        """A large key is not dumped: it goes at once, as in every purge, and can be put back."""
        if not keys:
            return
        commands, number = self._renaming.commands(keys)
        page = self._renaming.read(keys, self._link.send(commands, number))
        self._staging.held.aside.extend(page.large)
        self._staging.rename_back([row.key for row in page.small])
        self._again += page.again + len(page.small)
        self._moving = page.moving or self._moving
        if page.wrong is not None:
            raise page.wrong

    def _keep_up(self) -> None:
        """Let what is durable expire, and wait for the disk where it is behind."""
        self._staging.unlink_durable()
        while self._staging.full:
            self._staging.advance()
            self._staging.unlink_durable()
            if self._staging.full:
                self._staging.wait()

    def _refuse(self, key: bytes, answer: Exception) -> None:
        if "no such key" in str(answer):
            return
        refusal = refusal_of(answer, f"key {show_key(key)} was refused", self._link.place)
        if not slot_is_elsewhere(answer):
            raise refusal
        self._again += 1
        self._moving = refusal


def refuse_too_old(found: Abilities, place: str) -> None:
    """Refuse a soft purge where the server cannot shorten an expiry without ever lengthening one."""
    if found.absolute_expiry:
        return
    raise Refusal(
        code=Code.REDIS_REFUSED,
        failed=f"Not purged: {place} runs {found.server}, which cannot only shorten an expiry.",
        expected="Redis 7.0 or newer for a route with soft_ttl; without soft_ttl its keys are taken out.",
        retry_is_safe=True,
    )


def _large(size: object) -> bool:
    return isinstance(size, int) and size > BIG
