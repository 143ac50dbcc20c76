"""How much memory a purge with undo takes at most, with few keys and with many; prints both and the ratio."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.keyspace_of_size import loaded, port_of, write_keys
from tests.bench.spread import ratio, shown

LIMIT = 1.2
KB = 1024


def peaks(folder: Path, keys: int, runs: int) -> list[float]:
    """Return the peak of each run's process, in MB."""
    saved = folder / f"saved-{keys}"
    saved.mkdir()
    write_keys(saved, keys)
    found = []
    for run in range(runs):
        with loaded(saved, folder / f"{keys}-{run}") as client:
            url = f"redis://127.0.0.1:{port_of(client)}/0"
            words = [sys.executable, "-m", "tests.bench.purging_alone", url]
            words.append(str(folder / f"{keys}-{run}" / "snapshots"))
            said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
            _, peak, taken = (int(word) for word in said.split())
            assert taken == keys, f"{taken} of {keys} keys were taken"
            found.append(peak / KB)
    return found


def main() -> None:
    """Measure with the numbers of keys that the arguments say."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--few", type=int, default=100_000)
    words.add_argument("--keys", type=int, default=2_000_000, help="10000000 takes half an hour")
    words.add_argument("--runs", type=int, default=1)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        few = peaks(Path(name), given.few, given.runs)
        many = peaks(Path(name), given.keys, given.runs)
    table = Table("purge with undo of", "peak memory of the process, MB")
    table.add_row(f"{given.few:,} keys", shown(few, 1))
    table.add_row(f"{given.keys:,} keys", shown(many, 1))
    table.add_row("ratio, and the most it may be", f"{ratio(many, few):.2f} ({LIMIT})")
    Console(highlight=False, width=120).print(table)


if __name__ == "__main__":
    main()
