"""From click to ack: 10 clicks a second for 60 s, while a purge runs; prints p50, p99 and the worst."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console

from bot.sandbox.demo import Demo
from tests.slack_person import CHANNEL, SlackPerson

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
CLICKS_PER_S = 10
# Every other click writes to the ledger: a lock or its end, with audit row and cards.
WORDS = (
    "status",
    "lock shop measuring --environment staging",
    "history shop",
    "unlock shop --environment staging",
)

NO_LIMITS = {
    "CACHE_RELEASE_ASKS_PER_MIN": "10000",
    "CACHE_RELEASE_CLICKS_PER_MIN": "10000",
    "CACHE_RELEASE_LARGE_PURGE_PERCENT": "100",
}


def _click(demo: Demo, number: int) -> None:
    assert demo.slack is not None
    words = WORDS[number % len(WORDS)]
    user = ("U01OWNER", "U02APPROVER")[number % 2]
    demo.slack.act(
        user, do="command", channel=CHANNEL, text=f"/cache-release {words}", thread_ts=None
    )


def _keep_purging(demo: Demo, ended: threading.Event, done: list[int]) -> None:
    """Purge and roll back again and again, so that keys are on the move all the time."""
    assert demo.slack is not None
    olga, ari = SlackPerson(demo.slack, "U01OWNER"), SlackPerson(demo.slack, "U02APPROVER")
    number = 0
    while not ended.is_set():
        number += 1
        olga.types("/cache-release purge shop products")
        card = f"R-{number}"
        olga.presses("Run", on="Purge only the affected route")
        ari.presses("Approve purge", on="keys match", seconds=60)
        ari.presses("Roll back", on=card, seconds=60)
        ari.sees(f"{card} rolled back", seconds=90)
        ari.types("/cache-release unlock shop")
        done.append(number)


def measure(seconds: int) -> tuple[list[float], int]:
    """Return the sorted times from click to ack, in milliseconds, and how many purges were done meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo"
        demo = Demo(path, MANIFEST, keys=100_000, rehearsal_h=0, settings=NO_LIMITS)
        ended = threading.Event()
        done: list[int] = []
        try:
            demo.start()
            assert demo.slack is not None
            purging = threading.Thread(target=_keep_purging, args=(demo, ended, done), daemon=True)
            purging.start()
            demo.slack.ack_times.clear()
            start = time.monotonic()
            threads = []
            for number in range(seconds * CLICKS_PER_S):
                time.sleep(max(0.0, start + number / CLICKS_PER_S - time.monotonic()))
                threads.append(threading.Thread(target=_click, args=(demo, number), daemon=True))
                threads[-1].start()
            for thread in threads:
                thread.join(timeout=10)
            times = sorted(1000 * taken for taken in demo.slack.ack_times)
            ended.set()
            purging.join(timeout=120)
            return times, len(done)
        finally:
            demo.stop()


if __name__ == "__main__":
    length = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    times, purges = measure(length)
    at = {
        name: times[int(share * (len(times) - 1))] for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    Console(highlight=False, soft_wrap=True).print(
        f"click to ack, {len(times)} clicks at {CLICKS_PER_S}/s for {length} s "
        f"during {purges} purges and rollbacks of 65,000 keys: "
        f"p50 {at['p50']:.0f} ms, p99 {at['p99']:.0f} ms, worst {times[-1]:.0f} ms (limit p99 300 ms)"
    )
    sys.exit(0 if at["p99"] <= 300 else 1)
