"""The keys that are between their live name and the snapshot, and the way out of that in both directions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType

from redis.exceptions import ResponseError

from bot.effects.redis_connect import RedisLink, refusal_of
from bot.effects.redis_held import Held, Writing
from bot.effects.redis_slices import Slice, Slicer
from bot.effects.redis_wanted import Wanted
from bot.effects.snapshot_frames import Record
from bot.effects.snapshot_writer import SnapshotWriter
from bot.release.refusal import Refusal
from bot.release.scope import STAGING

AT_ONCE = 64


def staged_prefix(stage: str) -> bytes:
    """Return what the staged names of a purge start with."""
    return f"{STAGING}{stage}:".encode()


class Staging(AbstractContextManager["Staging"]):
    """Leaving the block, also by an exception, makes what is staged durable and unlinks it, or puts it back.

    No more than two batches are ever both durable and staged: those that the snapshot gives back when it is opened.
    """

    def __init__(
        self, link: RedisLink, slicer: Slicer, snapshot: SnapshotWriter, prefix: bytes
    ) -> None:
        """Start with nothing staged; `prefix` is what staged names start with."""
        self._link = link
        self._slicer = slicer
        self._prefix = prefix
        self._writing = Writing(snapshot)
        self._held = Held()
        self._durable: deque[bytes] = deque()
        self._under_way: Wanted | None = None
        self._received: Slice | None = None
        self._strangers: list[bytes] = []
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
        finally:
            self._writing.close()

    @property
    def full(self) -> bool:
        """Return whether it is time to make the batch durable."""
        return self._held.full

    def send(self, cursor: bytes, wanted: Wanted) -> None:
        """Start the next slice; the server works on it while the slice before is made durable."""
        self._slicer.send(cursor, wanted, list(islice(self._durable, AT_ONCE)))
        self._under_way = wanted

    def receive(self) -> Slice:
        """Return the slice that was sent; each key is checked again, and what we do not mean is put back."""
        self._finish_slice()
        assert self._received is not None, "a slice is sent before it is received"
        cut, self._received = self._received, None
        if self._strangers:
            self._put_strangers_back()
        return cut

    def hold(self, record: Record, pattern: str) -> None:
        """Remember a staged key until the next durable batch."""
        self._held.add(record, pattern)

    def hand_over(self) -> None:
        """Have the batch written meanwhile, as soon as the batch before is durable."""
        self._take_written(wait=True)
        self._writing.begin(self._held)
        self._held = Held()

    def look_for_written(self) -> None:
        """Have the keys of a batch unlinked by the next slices, once it is durable."""
        self._take_written(wait=False)

    def make_durable(self) -> None:
        """Append what is held as one batch; the staged copies of the batch before are gone by then."""
        self._take_written(wait=True)
        self.unlink_durable()
        self._append()

    def unlink_durable(self) -> None:
        """Remove every staged copy that the snapshot holds."""
        if self._durable:
            self._finish_slice()
        while self._durable:
            keys = [self._durable.popleft() for _ in range(min(AT_ONCE, len(self._durable)))]
            self.unlink(keys)

    def unlink(self, keys: Iterable[bytes]) -> None:
        """Remove the staged copies of these keys now."""
        answers = self._link.ask_all([("UNLINK", self._prefix + key) for key in keys])
        self._refuse_errors(answers, "UNLINK was refused")

    def _finish_slice(self) -> None:
        wanted, self._under_way = self._under_way, None
        if wanted is None:
            return
        cut = self._slicer.receive()
        self._received = cut
        for _ in range(cut.unlinked):
            self._durable.popleft()
        records: tuple[Record, ...] = (*cut.taken, *cut.aside)
        for record in records:
            pattern = wanted.pattern_of(record.key)
            if pattern is None:
                self._strangers.append(record.key)
            else:
                self.hold(record, pattern)

    def _take_written(self, *, wait: bool) -> None:
        if not wait and not self._writing.ready:
            return
        try:
            written = self._writing.finish()
        except Refusal:
            self._held = self._writing.unwritten.followed_by(self._held)
            raise
        if written is not None:
            self.unlink_durable()
            self._durable.extend(written.captured())

    def _append(self) -> None:
        self._writing.begin(self._held)
        self._held = Held()
        self._take_written(wait=True)

    def _settle(self) -> None:
        """Append before the server is spoken to: if that is gone, what is held here is the only copy."""
        lost: Refusal | None = None
        try:
            self._finish_slice()
        except Refusal as error:
            lost = error
        try:
            self._take_written(wait=True)
            self._append()
        except Refusal:
            self._rename_back([*(record.key for record in self._held.records), *self._strangers])
            self._held, self._strangers = Held(), []
            self.unlink_durable()
            raise
        self._put_strangers_back()
        self.unlink_durable()
        if lost is not None:
            raise lost

    def _put_strangers_back(self) -> None:
        self._finish_slice()
        self._rename_back(self._strangers)
        self.strangers += len(self._strangers)
        self._strangers = []

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
