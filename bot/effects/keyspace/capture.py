"""Takes a scope out: keys are renamed, copied from there into the snapshot, and unlinked once durable."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from redis.exceptions import ResponseError

from bot.effects.fault_points import Point, reached
from bot.effects.keyspace.bites import DUMP_BYTE_US, DUMP_US, RENAME_US, UNLINK_US, Bites
from bot.effects.keyspace.connect import RedisLink, packed
from bot.effects.keyspace.flow import Flow
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.renaming import Renamed, Renaming
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.keyspace.wanted import Wanted
from bot.effects.snapshots.frames import restore_frame
from bot.release.refusal import Refusal
from bot.release.scope import show_key


class Capture(Flow, AbstractContextManager["Capture"]):
    """RENAMENX, DUMP and UNLINK of what SCAN finds.

    Leaving the block, also by an exception, copies what was renamed; making that durable is the staging's part.
    """

    def __init__(
        self, link: RedisLink, renaming: Renaming, staging: Staging, bites: Bites, pacer: Pacer
    ) -> None:
        """Start with nothing under way."""
        super().__init__(link, bites, pacer)
        self._renaming = renaming
        self._staging = staging
        self._renamed: deque[Renamed] = deque()
        self._again = 0
        self._moving: Refusal | None = None
        self._copied = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take in what is under way and copy what was renamed; an exception under way is said first."""
        self._cursor = None
        self._pending.clear()
        first: Refusal | None = None
        while (self._under_way or self._renamed) and not self._link.lost:
            try:
                self._step()
            except Refusal as trouble:
                first = first or trouble
        if first is not None:
            if error is None:
                raise first
            error.add_note(f"While stopping: {first}")

    @property
    def taken(self) -> int:
        """Return how many keys were copied."""
        return self._copied

    def run(self, wanted: Wanted, between: Callable[[], None]) -> int:
        """Walk the keyspace once; return how many keys could not be staged, since an older copy still was.

        `between` is called after every answer, and may raise to stop.
        """
        self._again, self._moving = 0, None
        self._walk(wanted, between)
        return self._again

    def refuse_moving(self) -> None:
        """Refuse to be done where the last walk met a slot that was between two nodes."""
        if self._moving is not None:
            raise self._moving

    @property
    def _left(self) -> bool:
        return super()._left or bool(self._renamed)

    def _held_back(self) -> bool:
        return self._staging.full

    def _wait(self) -> None:
        self._staging.wait()

    def _work_us(self) -> float:
        may_rename = 0 if self._staging.full else len(self._pending)
        return (
            self._staging.durable * UNLINK_US
            + len(self._renamed) * DUMP_US
            + may_rename * RENAME_US
        )

    def _send_work(self, budget: float) -> None:
        """What is durable goes first, then what was renamed is copied, then more is renamed."""
        gone, unlinks = self._staging.next_to_unlink(int(budget / 2 / UNLINK_US) + 1)
        budget -= gone * UNLINK_US
        copied: list[Renamed] = []
        while self._renamed and (budget > 0 or not copied):
            copied.append(self._renamed.popleft())
            budget -= DUMP_US + copied[-1].size * DUMP_BYTE_US
        keys: list[bytes] = []
        if not self._staging.full:
            fit = max(int(budget / RENAME_US), 0 if gone or copied else 1)
            keys = [self._pending.popleft() for _ in range(min(fit, len(self._pending)))]
        staged = self._renaming.staged
        renames, answers = self._renaming.commands(keys)
        removals = len(unlinks)
        commands = packed([*unlinks, *((b"DUMP", staged(row.key)) for row in copied)]) + renames
        copies = removals + len(copied)

        def then(found: list[Any]) -> None:
            # What was done comes in before anything is refused: it must not be forgotten.
            wrong = self._renamed_now(keys, found[copies:])
            wrong = self._dumped(copied, found[removals:copies]) or wrong
            if removals:
                reached(Point.UNLINKED)
            for answer in found[:removals]:
                self._refuse_error(answer, "UNLINK was refused")
            if wrong is not None:
                raise wrong

        if removals:
            reached(Point.UNLINKS)
        self._post(commands, copies + answers, then)

    def _renamed_now(self, keys: Sequence[bytes], answers: list[Any]) -> Refusal | None:
        if not keys:
            return None
        reached(Point.RENAMED)
        page = self._renaming.read(keys, answers)
        self._renamed.extend(page.small)
        self._staging.held.aside.extend(page.large)
        self._again += page.again
        self._moving = page.moving or self._moving
        return page.wrong

    def _dumped(self, rows: Sequence[Renamed], answers: Sequence[Any]) -> Refusal | None:
        if rows:
            reached(Point.COPIED)
        held, wrong = self._staging.held, None
        patterns = self._wanted.patterns
        for row, dump in zip(rows, answers, strict=True):
            if type(dump) is bytes:
                held.frames.append(restore_frame(row.key, row.expires_at, dump))
                held.keys.append(row.key)
                held.size += len(dump)
                pattern = patterns[0] if len(patterns) == 1 else self._wanted.pattern_of(row.key)
                held.counts[pattern or patterns[0]] += 1
            elif isinstance(dump, ResponseError):
                # It stays staged: whoever goes on with this purge finds it there.
                failed = f"key {show_key(row.key)} was refused"
                wrong = refusal_of(dump, failed, self._link.place)
        self._copied += len(rows)
        return wrong
