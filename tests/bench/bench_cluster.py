"""How much faster a purge is on a cluster of three primaries than on one server, with the same keys."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from tests.bench.cluster_of_three import cluster
from tests.bench.keyspace_of_size import loaded, port_of, scope_of, write_keys
from tests.bench.spread import ratio, shown
from tests.effects.keyspaces import ignore, purge, restore, snapshots_in

PLAIN, CAPTURED = "purge without undo", "purge with undo"
LIMIT = 1.3
Times = dict[str, list[float]]


def measure(url: str, folder: Path, share: int, runs: int) -> Times:
    """Purge with undo and without, again and again; the keys are put back from the snapshot in between."""
    pattern, keyspace = scope_of(share), RedisKeyspace(url)
    times: Times = {PLAIN: [], CAPTURED: []}
    for run in range(runs):
        files = snapshots_in(folder / str(run))
        begun = time.perf_counter()
        taken = purge(keyspace, files, patterns=(pattern,)).taken
        times[CAPTURED].append(time.perf_counter() - begun)
        restore(keyspace, files)
        begun = time.perf_counter()
        dropped = keyspace.drop((pattern,), on_batch=ignore)
        times[PLAIN].append(time.perf_counter() - begun)
        assert taken == dropped, f"{taken} keys with undo, {dropped} without"
        restore(keyspace, files)
    return times


def main() -> None:
    """Measure with the keys, runs and share that the arguments say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--keys", type=int, default=500_000)
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--share", type=int, default=10, choices=[1, 10, 100])
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("saved", "one", "three"):
            (folder / part).mkdir()
        write_keys(folder / "saved", given.keys)
        with loaded(folder / "saved", folder / "server") as client:
            url = f"redis://127.0.0.1:{port_of(client)}/0"
            one = measure(url, folder / "one", given.share, given.runs)
        with cluster(folder / "nodes", given.keys) as url:
            three = measure(url, folder / "three", given.share, given.runs)
    table = Table("seconds", "one server", "cluster of three", "times as fast", "at least")
    for row in (PLAIN, CAPTURED):
        found = f"{ratio(one[row], three[row]):.2f}"
        table.add_row(row, shown(one[row]), shown(three[row]), found, str(LIMIT))
    console = Console(highlight=False, width=120)
    console.print(f"{given.share} % of {given.keys:,} keys, median of {given.runs}")
    console.print(table)


if __name__ == "__main__":
    main()
