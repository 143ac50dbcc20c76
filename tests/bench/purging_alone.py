"""A process that does nothing but purge with undo, and says how much memory that took at most."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.release.pace import TEMPO, Pace
from tests.bench.keyspace_of_size import scope_of
from tests.effects.keyspaces import ignore, snapshots_in

MOST_BYTES = 10**11


def peak_kb() -> int:
    """Return the most memory this process ever held, in kB."""
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM"))


def main(url: str, folder: str) -> None:
    """Purge all keys into a snapshot and write the peaks before and after."""
    before = peak_kb()
    with snapshots_in(Path(folder), max_bytes=MOST_BYTES).writer("r1") as writer:
        RedisKeyspace(url).purge(
            (scope_of(100),), writer, stage="r1", on_batch=ignore, tempo=lambda: TEMPO[Pace.NORMAL]
        )
    sys.stdout.write(f"{before} {peak_kb()} {writer.keys}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
