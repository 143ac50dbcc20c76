"""What an app notices while keys are purged and put back beside it; prints its GETs' p50, p99 and worst."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from rich.console import Console
from rich.table import Table

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.pace import TEMPO, Pace
from tests.bench.keyspace_of_size import loaded, port_of, scope_of, write_keys
from tests.bench.neighbour import PER_S, neighbour
from tests.bench.rivals import django, line
from tests.bench.spread import percentile, shown
from tests.effects.keyspaces import ignore, restore, snapshots_in

IDLE = "nothing else"
LINE = "valkey-cli --scan | xargs unlink"
DJANGO = "django-redis delete_pattern, itersize 1000"
OURS = {pace: f"purge with undo, {pace}" for pace in (Pace.GENTLE, Pace.NORMAL, Pace.FAST)}
RESTORE = "restore"
ROWS = (IDLE, LINE, DJANGO, *OURS.values(), RESTORE)
MEASURES = {"p50": 0.5, "p99": 0.99, "max": 1.0}
# What is divided by what, at which measure, and the most it may be.
RATIOS = (
    (OURS[Pace.NORMAL], LINE, "p99", 1.0),
    (OURS[Pace.NORMAL], DJANGO, "max", 0.1),
)
IDLE_S = 5.0
SHARE = 10
Seen = dict[tuple[str, str], list[float]]


def measure(folder: Path, saved: Path, keys: int, seen: Seen) -> None:
    """Take every row once, each purge on fresh data."""
    pattern = scope_of(SHARE)

    def keep(row: str, client: Redis, work: Callable[[], object]) -> None:
        with neighbour(port_of(client), keys) as app:
            begun = time.perf_counter()
            work()
            ended = time.perf_counter()
        times = app.between(begun, ended)
        for name, share in MEASURES.items():
            seen.setdefault((row, name), []).append(percentile(times, share))
        seen.setdefault((row, "seconds"), []).append(ended - begun)

    with loaded(saved, folder / "line") as client:
        keep(IDLE, client, lambda: time.sleep(IDLE_S))
        keep(LINE, client, lambda: line(client, pattern))
    with loaded(saved, folder / "django") as client:
        keep(DJANGO, client, lambda: django(client, pattern))
    for pace, row in OURS.items():
        with loaded(saved, folder / pace) as client, tempfile.TemporaryDirectory() as name:
            keyspace = RedisKeyspace(f"redis://127.0.0.1:{port_of(client)}/0")
            files = snapshots_in(Path(name))
            keep(row, client, _purging(keyspace, files, pattern, pace))
            if pace == Pace.NORMAL:
                keep(RESTORE, client, lambda: restore(keyspace, files))  # noqa: B023 - called at once


def _purging(
    keyspace: RedisKeyspace, files: SnapshotFiles, pattern: str, pace: Pace
) -> Callable[[], None]:
    def purge() -> None:
        with files.writer("r1") as writer:
            keyspace.purge(
                (pattern,), writer, stage="r1", on_batch=ignore, tempo=lambda: TEMPO[pace]
            )

    return purge


def show(seen: Seen, console: Console) -> None:
    """Print the medians of the runs with the least and the most, then the ratios."""
    table = Table("a neighbour's GETs, ms, beside", *MEASURES, "that took, s")
    for row in ROWS:
        table.add_row(row, *(shown(seen[row, name]) for name in (*MEASURES, "seconds")))
    console.print(table)
    ratios = Table("ratio of medians", "of", "found", "at most")
    for ours, theirs, name, limit in RATIOS:
        found = statistics.median(seen[ours, name]) / statistics.median(seen[theirs, name])
        ratios.add_row(f"{ours} / {theirs}", name, f"{found:.2f}", str(limit))
    console.print(ratios)


def main() -> None:
    """Measure with the keys and runs that the arguments say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--keys", type=int, default=1_000_000)
    words.add_argument("--runs", type=int, default=3)
    given = words.parse_args()
    console = Console(highlight=False, width=120)
    seen: Seen = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "saved").mkdir()
        write_keys(folder / "saved", given.keys)
        for _ in range(given.runs):
            measure(folder, folder / "saved", given.keys, seen)
    console.print(
        f"{PER_S:,} GETs a second, {SHARE} % of {given.keys:,} keys purged, median of {given.runs}"
    )
    show(seen, console)


if __name__ == "__main__":
    main()
