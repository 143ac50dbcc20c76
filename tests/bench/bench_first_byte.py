"""Our first-byte times beside curl's on one server with known delays; what we add must stay within 0.5 ms."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from bot.effects.http.probe import HttpProbe
from bot.release.cache_headers import BROWSER_HEADERS
from bot.steps import Fetch, Request
from tests.bench.spread import percentile

DELAYS_MS = (0, 1, 5, 20)
ROUNDS = 10
BATCH = 20
MOST_EXTRA_MS = 0.5
Times = dict[int, list[float]]


@contextmanager
def _server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.delaying_server"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _curl(base: str, delay: int) -> list[float]:
    """Return the first-byte times in ms of one curl process over one connection, without the first request."""
    lines = f'url = "{base}/{delay}"\noutput = "/dev/null"\n' * (BATCH + 1)
    told = subprocess.run(
        [
            "curl",
            "--silent",
            "--config",
            "-",
            "--write-out",
            r"%{num_connects} %{time_starttransfer}\n",
        ],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split() for line in told.stdout.splitlines()]
    return [1000 * float(seconds) for connects, seconds in rows if connects == "0"]


def _ours(probe: HttpProbe, base: str, delay: int) -> list[float]:
    """Return the same of our probe."""
    one = Request(path=f"/{delay}", headers=BROWSER_HEADERS)
    fetched = probe.fetch(
        Fetch(requests=(one,) * (BATCH + 1)), base_url=base, allow_private=True, cookies={}
    )
    phases = [answer.phases for answer in fetched.responses if answer.phases is not None]
    return [one.first_byte for one in phases if one.reused]


def measure() -> tuple[Times, Times]:
    """Return curl's and our times in ms by delay; batches take turns, so that both meet the same machine."""
    curl: Times = {delay: [] for delay in DELAYS_MS}
    ours: Times = {delay: [] for delay in DELAYS_MS}
    probe = HttpProbe(user_agent="cache-release bench")
    with _server() as base:
        for _ in range(ROUNDS):
            for delay in DELAYS_MS:
                curl[delay] += _curl(base, delay)
                ours[delay] += _ours(probe, base, delay)
    return curl, ours


def main() -> int:
    """Print the table; return 1 where more than 0.5 ms are added at the median of any delay."""
    screen = Console(highlight=False, soft_wrap=True)
    if shutil.which("curl") is None:
        screen.print("bench_first_byte needs curl; on Debian: apt-get install curl")
        return 1
    curl, ours = measure()
    table = Table(title=f"first byte, ms; {ROUNDS * BATCH} requests each, keep-alive, in turns")
    for name in ("server waits", "curl p50", "ours p50", "added p50", "curl p90", "ours p90"):
        table.add_column(name, justify="right")
    added: dict[int, float] = {}
    for delay in DELAYS_MS:
        medians = statistics.median(curl[delay]), statistics.median(ours[delay])
        added[delay] = medians[1] - medians[0]
        nineties = percentile(curl[delay], 0.9), percentile(ours[delay], 0.9)
        row = (*medians, added[delay], *nineties)
        table.add_row(str(delay), *(f"{value:.3f}" for value in row))
    screen.print(table)
    worst = max(added.values())
    screen.print(f"most added at the median: {worst:.3f} ms (limit {MOST_EXTRA_MS} ms)")
    return 0 if worst <= MOST_EXTRA_MS else 1


if __name__ == "__main__":
    sys.exit(main())
