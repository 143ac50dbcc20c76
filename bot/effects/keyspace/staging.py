"""The keys that are between their live name and the snapshot, and the way out of that in both directions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from redis.exceptions import ResponseError

from bot.effects.fault_points import Point, reached
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.held import Held, Writing
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.snapshots.frames import Captured, Record
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.refusal import Refusal

AT_ONCE = 64


class Staging(AbstractContextManager["Staging"]):
    """Leaving the block, also by an exception, makes what is staged durable and unlinks it, or puts it back.

    No more than two batches are ever both durable and staged: those that the snapshot gives back when it is opened.
    """

    def __init__(self, link: RedisLink, snapshot: SnapshotWriter, naming: Naming) -> None:
        """Start with nothing staged."""
        self._link = link
        self._naming = naming
        self._writing = Writing(snapshot)
        self._durable: deque[bytes] = deque()
        self.held = Held()

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
        return self.held.full

    @property
    def durable(self) -> int:
        """Return how many staged copies may go."""
        return len(self._durable)

    def hold(self, record: Record, pattern: str) -> None:
        """Remember a staged key until the next durable batch."""
        if isinstance(record, Captured):
            self.held.frames.append(record.frame())
            self.held.keys.append(record.key)
            self.held.counts[pattern] += 1
            self.held.size += len(record.dump)
        else:
            self.held.aside.append(record)

    def advance(self, *, due: bool = False) -> bool:
        """Go on with the batches without waiting for the disk; return whether one was handed over to be written.

        What is full or `due` is handed over, but for one batch after the other. The staged copies of a batch may
        go once it is durable and those of the batch before are gone.
        """
        if self._writing.ready and not self._durable:
            self._take_written()
        if not self._writing.idle or not (due or self.full):
            return False
        self._writing.begin(self.held)
        self.held = Held()
        return True

    def wait(self) -> None:
        """Wait until the batch that is being written is durable; nothing else is to be done meanwhile."""
        self._writing.wait()
        self.advance()

    def make_durable(self) -> None:
        """Append what is held as one batch, and wait for it; the staged copies of the batch before go first."""
        self._take_written()
        self.unlink_durable()
        self._writing.begin(self.held)
        self.held = Held()
        self._take_written()

    def next_to_unlink(self, most: int) -> tuple[int, list[tuple[bytes, ...]]]:
        """Return how many keys, all durable, may lose their staged copy now, and the commands that do it.

        Who asks sends them, in this order.
        """
        durable = self._durable
        keys = [durable.popleft() for _ in range(min(most, len(durable)))]
        return len(keys), self._leave(keys)

    def unlink_durable(self) -> None:
        """Remove every staged copy that the snapshot holds."""
        while self._durable:
            _, commands = self.next_to_unlink(AT_ONCE)
            word = commands[0][0].decode()
            reached(Point.UNLINKS, "the last")
            answers = self._link.ask_all(commands)
            reached(Point.UNLINKED, "the last")
            self._refuse_errors(answers, f"{word} was refused")

    def unlink(self, keys: Iterable[bytes]) -> None:
        """Remove the staged copies of these keys now."""
        names = [self._naming.staged(key) for key in keys]
        answers = self._link.ask_all(self._naming.unlinks(names))
        self._refuse_errors(answers, "UNLINK was refused")

    def rename_back(self, keys: Sequence[bytes]) -> None:
        """Give keys their live names again; where the app wrote a fresher value the old one stays staged."""
        staged = self._naming.staged
        answers = self._link.ask_all([("RENAMENX", staged(key), key) for key in keys])
        there = [answer for answer in answers if "no such key" not in str(answer)]
        self._refuse_errors(there, "RENAMENX was refused")

    def _leave(self, keys: Sequence[bytes]) -> list[tuple[bytes, ...]]:
        """Return what is done with keys that are durable."""
        return self._naming.unlinks([self._naming.staged(key) for key in keys])

    def _put_held_back(self) -> None:
        """Undo what was done with keys that no batch will ever hold."""
        self.rename_back(self.held.every_key)

    def _take_written(self) -> None:
        try:
            written = self._writing.finish()
        except Refusal:
            self.held = self._writing.unwritten.followed_by(self.held)
            self._writing.unwritten = Held()
            raise
        if written is not None:
            self._durable.extend(written.keys)

    def _settle(self) -> None:
        """Append before the server is spoken to: if that is gone, what is held here is the only copy."""
        try:
            self._take_written()
            self._writing.begin(self.held)
            self.held = Held()
            self._take_written()
        except Refusal:
            self._put_held_back()
            self.held = Held()
            self.unlink_durable()
            raise
        self.unlink_durable()

    def _refuse_errors(self, answers: Iterable[object], failed: str) -> None:
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise refusal_of(answer, failed, self._link.place)
