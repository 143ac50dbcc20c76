"""The keys that are between their live name and the snapshot, and the way out of that in both directions."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType

from redis.exceptions import ResponseError

from bot.effects.redis_connect import RedisLink, refusal_of
from bot.effects.redis_slices import Slice, Slicer
from bot.effects.snapshot_frames import Captured, Record
from bot.effects.snapshot_writer import SnapshotWriter
from bot.release.refusal import Refusal
from bot.release.scope import STAGING, matches

BATCH_KEYS = 2_000
BATCH_BYTES = 1_000_000
AT_ONCE = 64


def staged_prefix(stage: str) -> bytes:
    """Return what the staged names of a purge start with."""
    return f"{STAGING}{stage}:".encode()


class Staging(AbstractContextManager["Staging"]):
    """Leaving the block, also by an exception, makes what is staged durable and unlinks it, or puts it back."""

    def __init__(
        self, link: RedisLink, slicer: Slicer, snapshot: SnapshotWriter, prefix: bytes
    ) -> None:
        """Start with nothing staged; `prefix` is what staged names start with."""
        self._link = link
        self._slicer = slicer
        self._snapshot = snapshot
        self._prefix = prefix
        self._pending: list[Record] = []
        self._bytes = 0
        self._counts: Counter[str] = Counter()
        self._durable: deque[bytes] = deque()
        self.strangers = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave nothing half done; where that fails as well, the exception under way says so."""
        try:
            self._settle()
        except Refusal as trouble:
            if error is None:
                raise
            error.add_note(f"While stopping: {trouble}")

    @property
    def full(self) -> bool:
        """Return whether it is time to make the batch durable."""
        return len(self._pending) >= BATCH_KEYS or self._bytes >= BATCH_BYTES

    def cut(self, pattern: str, cursor: bytes, glob: bytes) -> Slice:
        """Take one slice, check each key again, and put back what our own matcher does not know."""
        durable = list(islice(self._durable, AT_ONCE))
        cut = self._slicer.cut(cursor, glob, durable)
        for _ in range(cut.unlinked):
            self._durable.popleft()
        strangers: list[bytes] = []
        records: tuple[Record, ...] = (*cut.taken, *cut.aside)
        for record in records:
            if matches(pattern, record.key):
                self.hold(record, pattern)
            else:
                strangers.append(record.key)
        self._rename_back(strangers)
        self.strangers += len(strangers)
        return cut

    def hold(self, record: Record, pattern: str) -> None:
        """Remember a staged key until the next durable batch."""
        self._pending.append(record)
        if isinstance(record, Captured):
            self._counts[pattern] += 1
            self._bytes += len(record.dump)

    def make_durable(self) -> None:
        """Append what is held as one batch; the staged copies of the batch before are gone by then."""
        self.unlink_durable()
        self._append()

    def unlink_durable(self) -> None:
        """Remove every staged copy that the snapshot holds."""
        while self._durable:
            keys = [self._durable.popleft() for _ in range(min(AT_ONCE, len(self._durable)))]
            self.unlink(keys)

    def unlink(self, keys: Iterable[bytes]) -> None:
        """Remove the staged copies of these keys now."""
        answers = self._link.ask_all([("UNLINK", self._prefix + key) for key in keys])
        self._refuse_errors(answers, "UNLINK was refused")

    def _append(self) -> None:
        if self._pending:
            self._snapshot.append(self._pending, self._counts)
            self._durable.extend(row.key for row in self._pending if isinstance(row, Captured))
            self._forget()

    def _settle(self) -> None:
        """Append before the server is spoken to: if that is gone, what is held here is the only copy."""
        try:
            self._append()
        except Refusal:
            self._rename_back([record.key for record in self._pending])
            self._forget()
            self.unlink_durable()
            raise
        self.unlink_durable()

    def _rename_back(self, keys: list[bytes]) -> None:
        """Give keys their live names again; where the app wrote a fresher value the old one stays staged."""
        commands = [("RENAMENX", self._prefix + key, key) for key in keys]
        answers = self._link.ask_all(commands)
        there = [answer for answer in answers if "no such key" not in str(answer)]
        self._refuse_errors(there, "RENAMENX was refused")

    def _refuse_errors(self, answers: Iterable[object], failed: str) -> None:
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise refusal_of(answer, failed, self._link.place)

    def _forget(self) -> None:
        self._pending = []
        self._bytes = 0
        self._counts = Counter()
