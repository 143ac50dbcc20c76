"""What Prometheus is told: counted in this process, or looked up in the ledger when it asks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

SEVERAL = "PROMETHEUS_MULTIPROC_DIR"
SHORT_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
WAIT_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
WORK_S = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0)
A_SECOND = (100.0, 1e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5)

HERE = CollectorRegistry()

ACK = Histogram(
    "cache_release_ack_seconds",
    "Seconds from a payload of Slack to its acknowledgement; Slack waits for three.",
    ["door"],
    buckets=SHORT_S,
    registry=HERE,
)
QUEUE_WAIT = Histogram(
    "cache_release_queue_wait_seconds",
    "Seconds from the moment work was asked for until a worker began it.",
    ["kind"],
    buckets=WAIT_S,
    registry=HERE,
)
ACTIONS = Counter(
    "cache_release_actions",
    "Work that ended, by its kind and how it ended.",
    ["kind", "state"],
    registry=HERE,
)
PURGED_KEYS = Counter("cache_release_purged_keys", "Keys that purges took out.", registry=HERE)
PURGE_RATE = Histogram(
    "cache_release_purge_keys_per_second",
    "Keys a second of each purge that took some.",
    buckets=A_SECOND,
    registry=HERE,
)
RESTORE = Histogram(
    "cache_release_restore_seconds",
    "Seconds that it took to put one snapshot back.",
    buckets=WORK_S,
    registry=HERE,
)
ROLLBACK = Histogram(
    "cache_release_rollback_seconds",
    "Seconds from the press on Roll back to the end of the rollback.",
    buckets=WORK_S,
    registry=HERE,
)
REFUSALS = Counter(
    "cache_release_refusals",
    "What people asked for in Slack and did not get, by the code of the refusal.",
    ["code"],
    registry=HERE,
)
STALE = Counter(
    "cache_release_stale_clicks",
    "Presses on a button after somebody else had moved what it spoke of.",
    registry=HERE,
)
RATE_LIMITED = Counter(
    "cache_release_slack_rate_limited",
    "Times that Slack answered 429, by the method that was called.",
    ["method"],
    registry=HERE,
)


@contextmanager
def restoring() -> Iterator[None]:
    """Observe how long one snapshot takes to be put back; one that breaks off is not counted."""
    began = time.monotonic()
    yield
    RESTORE.observe(time.monotonic() - began)


@contextmanager
def acknowledging(door: str) -> Iterator[None]:
    """Observe how long one payload takes to be acknowledged."""
    began = time.monotonic()
    try:
        yield
    finally:
        ACK.labels(door).observe(time.monotonic() - began)


def rendered(others: Iterable[Collector] = ()) -> bytes:
    """Return everything in Prometheus' text format 0.0.4; counts of all processes where several share a port."""
    asked = CollectorRegistry()
    if os.environ.get(SEVERAL):
        MultiProcessCollector(asked)  # type: ignore[no-untyped-call]
    else:
        asked.register(_Here())
    for other in others:
        asked.register(other)
    return generate_latest(asked)


class _Here(Collector):
    """The counts of this process."""

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return HERE.collect()
