"""Batches on their way to the disk: one is collected while the one before is written."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from bot.effects.snapshots.frames import SetAside
from bot.effects.snapshots.writer import SnapshotWriter

BATCH_KEYS = 2_000
BATCH_BYTES = 1_000_000


@dataclass
class Held:
    """Staged keys that no durable batch holds yet: `frames` are their commands, `keys` their live names."""

    frames: list[bytes] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    size: int = 0

    @property
    def full(self) -> bool:
        """Return whether this is as much as one batch should hold."""
        return len(self.keys) >= BATCH_KEYS or self.size >= BATCH_BYTES

    @property
    def every_key(self) -> list[bytes]:
        """Return the live names of all of them, large ones included."""
        return [*self.keys, *(record.key for record in self.aside)]

    def followed_by(self, later: Held) -> Held:
        """Return both as one batch."""
        return Held(
            frames=self.frames + later.frames,
            keys=self.keys + later.keys,
            aside=self.aside + later.aside,
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
    def idle(self) -> bool:
        """Return whether a batch may be begun."""
        return self._future is None

    @property
    def ready(self) -> bool:
        """Return whether a batch was begun, and is written or failed."""
        return self._future is not None and self._future.done()

    def begin(self, batch: Held) -> None:
        """Start to append a batch; the one before was finished."""
        assert self._future is None, "a batch is finished before the next is begun"
        if batch.keys or batch.aside:
            self.unwritten = batch
            self._future = self._pool.submit(
                self._snapshot.append_frames, batch.frames, batch.aside, batch.counts
            )

    def wait(self) -> None:
        """Wait until it is written or failed, without saying which."""
        if self._future is not None:
            wait([self._future])

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
