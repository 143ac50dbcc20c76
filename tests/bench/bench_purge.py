"""How long a purge takes, with and without undo, beside what people use today; prints medians and ratios."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from redis import Redis
from rich.console import Console
from rich.table import Table

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.pace import TEMPO, Pace
from tests.bench.keyspace_of_size import loaded, port_of, scope_of, write_keys
from tests.bench.rivals import django, line, pipe, scan, write_commands
from tests.effects.keyspaces import ignore, restore, snapshots_in

FLOOR = "SCAN alone, COUNT 1000"
LINE = "valkey-cli --scan | xargs unlink"
BEST_LINE = "valkey-cli --scan --count 1000 | xargs unlink"
DJANGO = "django-redis delete_pattern, itersize 1000"
PLAIN = "purge without undo"
PLAIN_FAST = "purge without undo, fast"
CAPTURED = "purge with undo"
CAPTURED_FAST = "purge with undo, fast"
RESTORE = "restore"
PIPE = "valkey-cli --pipe, same bytes"
ROWS = (FLOOR, LINE, BEST_LINE, DJANGO, PLAIN, PLAIN_FAST, CAPTURED, CAPTURED_FAST, RESTORE, PIPE)
# What is divided by what, and the ratio to stay under at each share it is asked at.
RATIOS = (
    (PLAIN, LINE, {1: 0.25, 10: 0.25, 100: 0.5}),
    (PLAIN, FLOOR, {1: 1.3, 10: 1.3}),
    (PLAIN_FAST, BEST_LINE, {1: 1.1, 10: 1.1, 100: 1.1}),
    (CAPTURED, LINE, {1: 1.0, 10: 1.0, 100: 1.0}),
    (CAPTURED, FLOOR, {10: 2.0}),
    (CAPTURED, DJANGO, {10: 1.3}),
    (RESTORE, PIPE, {1: 1.0, 10: 1.0, 100: 1.0}),
)
Times = dict[tuple[str, int], list[float]]


def seconds(work: Callable[[], object]) -> float:
    """Return how long it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(folder: Path, saved: Path, share: int, times: Times) -> None:
    """Take every row once, each purge on fresh data."""

    def keep(row: str, work: Callable[[], object]) -> None:
        times.setdefault((row, share), []).append(seconds(work))

    pattern, number = scope_of(share), len(times.get((FLOOR, share), ()))
    here = folder / f"{share}-{number}"
    here.mkdir()
    with loaded(saved, here / "line") as client:
        keep(FLOOR, lambda: scan(client, pattern))
        keep(LINE, lambda: line(client, pattern))
    with loaded(saved, here / "best") as client:
        keep(BEST_LINE, lambda: line(client, pattern, "--count 1000"))
    with loaded(saved, here / "django") as client:
        keep(DJANGO, lambda: django(client, pattern))
    with loaded(saved, here / "plain") as client:
        keep(PLAIN, lambda: _keyspace(client).drop((pattern,), on_batch=ignore))
    with loaded(saved, here / "plain fast") as client:
        keep(
            PLAIN_FAST,
            lambda: _keyspace(client).drop(
                (pattern,), on_batch=ignore, tempo=lambda: TEMPO[Pace.FAST]
            ),
        )
    with loaded(saved, here / "captured") as client:
        keyspace, files = _keyspace(client), snapshots_in(here / "default")
        keep(CAPTURED, lambda: _capture(keyspace, files, pattern, Pace.NORMAL))
        keep(RESTORE, lambda: restore(keyspace, files))
    with loaded(saved, here / "captured fast") as client:
        keyspace, files = _keyspace(client), snapshots_in(here / "fast")
        keep(CAPTURED_FAST, lambda: _capture(keyspace, files, pattern, Pace.FAST))
        write_commands(files, here / "commands")
        keep(PIPE, lambda: pipe(client, here / "commands"))


def _keyspace(client: Redis) -> RedisKeyspace:
    return RedisKeyspace(f"redis://127.0.0.1:{port_of(client)}/0")


def _capture(keyspace: RedisKeyspace, files: SnapshotFiles, pattern: str, pace: Pace) -> None:
    with files.writer("r1") as writer:
        keyspace.purge((pattern,), writer, stage="r1", on_batch=ignore, tempo=lambda: TEMPO[pace])


def _shown(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f}-{max(times):.2f})"


def show(times: Times, shares: Sequence[int], console: Console) -> None:
    """Print the medians in seconds with the fastest and slowest run, then the ratios."""
    table = Table("seconds", *(f"{share} %" for share in shares))
    for row in ROWS:
        table.add_row(row, *(_shown(times[row, share]) for share in shares))
    console.print(table)
    ratios = Table("ratio of medians, and the most it may be", *(f"{share} %" for share in shares))
    for ours, theirs, limits in RATIOS:
        found = [
            f"{statistics.median(times[ours, share]) / statistics.median(times[theirs, share]):.2f}"
            f" ({limits[share]})"
            if share in limits
            else ""
            for share in shares
        ]
        ratios.add_row(f"{ours} / {theirs}", *found)
    console.print(ratios)


def main() -> None:
    """Measure with the keys, runs and shares that the arguments say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--keys", type=int, default=1_000_000)
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--shares", type=int, nargs="+", default=[1, 10, 100], choices=[1, 10, 100])
    given = words.parse_args()
    console = Console(highlight=False, width=120)
    times: Times = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "saved").mkdir()
        write_keys(folder / "saved", given.keys)
        for _ in range(given.runs):
            for share in given.shares:
                measure(folder, folder / "saved", share, times)
    console.print(
        f"{given.keys:,} keys of about 300 bytes, median of {given.runs} (fastest-slowest)"
    )
    show(times, given.shares, console)


if __name__ == "__main__":
    main()
