"""A process that purges or restores, and kills itself where it is told to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.frames import SetAside
from bot.effects.snapshots.writer import SnapshotWriter
from tests.effects.keyspaces import SCOPE, ignore, snapshots_in, soft_scope


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MortalWriter(SnapshotWriter):
    """A writer that dies before or after its n-th batch is durable, or with half of it on disk."""

    point = ""
    batches = 0

    def append_frames(
        self, captured: Sequence[bytes], aside: Sequence[SetAside], counts: Mapping[str, int]
    ) -> None:
        self.batches += 1
        word, _, number = self.point.partition("-")
        mine = number == str(self.batches)
        if mine and word == "before":
            die()
        super().append_frames(captured, aside, counts)
        if mine and word == "half":
            last = max(self._folder.glob("segment-*"))
            os.truncate(last, last.stat().st_size - 1000)
            die()
        if mine and word == "after":
            die()

    def seal(self) -> None:
        if self.point == "seal":
            die()
        super().seal()


def main(url: str, root: str, work: str, point: str) -> None:
    """Purge or restore r1 under the root; `point` is before-n, half-n, after-n, batch-n, seal or never.

    `work` says purge, soft or restore, and may add encrypted.
    """
    files = snapshots_in(Path(root), encrypted="encrypted" in work)
    keyspace = RedisKeyspace(url)
    told = 0

    def on_batch(batch: Any) -> None:
        nonlocal told
        told += 1
        if point == f"batch-{told}":
            die()

    if "restore" in work:
        keyspace.restore(files.reader("r1"), on_batch=on_batch)
        return
    writer = files.writer("r1")
    writer.__class__ = MortalWriter
    assert isinstance(writer, MortalWriter)
    writer.point = point
    with writer:
        if "soft" in work:
            soft = soft_scope(keyspace, Path(root))
            keyspace.purge((), writer, stage="r1", on_batch=on_batch, soft=soft)
            return
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=on_batch if point else ignore)


if __name__ == "__main__":
    main(*sys.argv[1:])
