"""Batches on their way to the disk: one is collected while the one before is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.effects.snapshot_frames import Captured, Record
from bot.effects.snapshot_writer import SnapshotWriter

BATCH_KEYS = 2_000
BATCH_BYTES = 1_000_000


@dataclass
class Held:
    """Staged keys that no durable batch holds yet."""

    records: list[Record] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    size: int = 0

    @property
    def full(self) -> bool:
        """Return whether this is as much as one batch should hold."""
        return len(self.records) >= BATCH_KEYS or self.size >= BATCH_BYTES

    def add(self, record: Record, pattern: str) -> None:
        """Hold one key more; a large one that was set aside is counted elsewhere."""
        self.records.append(record)
        if isinstance(record, Captured):
            self.counts[pattern] += 1
            self.size += len(record.dump)

    def captured(self) -> Iterator[bytes]:
        """Yield the keys whose staged copies may go when this is durable."""
        return (row.key for row in self.records if isinstance(row, Captured))

    def followed_by(self, later: Held) -> Held:
        """Return both as one batch."""
        return Held(
            records=self.records + later.records,
            counts=self.counts + later.counts,
            size=self.size + later.size,
        )


class Writing:
    """Writes one batch at a time beside the walk; compressing and waiting for the disk leave Python free."""

    def __init__(self, snapshot: SnapshotWriter) -> None:
        """Start with nothing to write."""
        self._snapshot = snapshot
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="snapshot")
        self._future: Future[None] | None = None
        self.unwritten = Held()

    @property
    def ready(self) -> bool:
        """Return whether a batch was begun, and is written or failed."""
        return self._future is not None and self._future.done()

    def begin(self, batch: Held) -> None:
        """Start to append a batch; the one before was finished."""
        assert self._future is None, "a batch is finished before the next is begun"
        if batch.records:
            self.unwritten = batch
            append = self._snapshot.append
            self._future = self._pool.submit(append, batch.records, batch.counts)

    def finish(self) -> Held | None:
        """Wait for the batch and return it, durable; None where there is none. A Refusal leaves it unwritten."""
        if self._future is None:
            return None
        future, self._future = self._future, None
        future.result()
        written, self.unwritten = self.unwritten, Held()
        return written

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown()
