"""The ledger's part of what Prometheus is told, looked up when it asks, at most every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.effects.ledger.gauges import Gauges
from bot.release.refusal import Refusal

log = logging.getLogger(__name__)

FRESH_S = 5.0
TROUBLE = (SQLAlchemyError, Refusal, OSError)

UP = ("cache_release_ledger_up", "Whether the ledger could be read: 1 or 0.")
PROCESSES = ("cache_release_processes", "Processes that are alive and hold their lock, by role.")
READ: tuple[tuple[str, str, Callable[[Gauges], float]], ...] = (
    (
        "cache_release_outbox_messages",
        "Messages that wait to be sent to Slack.",
        lambda seen: seen.backlog.messages,
    ),
    (
        "cache_release_outbox_lag_seconds",
        "How long the oldest of them has waited.",
        lambda seen: seen.backlog.behind_s,
    ),
    (
        "cache_release_outbox_given_up",
        "Messages that no channel took.",
        lambda seen: seen.backlog.given_up,
    ),
    (
        "cache_release_work_waiting_seconds",
        "How long the oldest work that nobody began has waited.",
        lambda seen: seen.backlog.unworked_s,
    ),
    ("cache_release_live_releases", "Releases that have not ended.", lambda seen: seen.live),
    (
        "cache_release_snapshot_bytes",
        "Bytes of the snapshots that can still be restored.",
        lambda seen: seen.snapshot_bytes,
    ),
    (
        "cache_release_audit_entries",
        "Entries of the audit, pruned ones included.",
        lambda seen: seen.audit_entries,
    ),
)


class LedgerMetrics(Collector):
    """Asks the ledger once for all scrapes of the same five seconds; one that is away is told as such."""

    def __init__(
        self,
        gauges: Callable[[], Gauges],
        alive: Callable[[], tuple[str, ...]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how the ledger is asked, and who is alive; `now` counts seconds."""
        self._gauges = gauges
        self._alive = alive
        self._now = now
        self._turn = threading.Lock()
        self._seen: tuple[Metric, ...] = ()
        self._at: float | None = None

    def describe(self) -> Iterable[Metric]:
        """Return no names: registering must not ask the ledger."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return what the ledger holds now, or held a few seconds ago."""
        with self._turn:
            at = self._now()
            if self._at is None or at - self._at >= FRESH_S:
                self._seen, self._at = tuple(self._looked()), at
            return self._seen

    def _looked(self) -> Iterator[Metric]:
        try:
            seen, alive = self._gauges(), self._alive()
        except TROUBLE as away:
            log.warning("the ledger could not be measured: %s", type(away).__name__)
            yield GaugeMetricFamily(*UP, value=0)
            return
        yield GaugeMetricFamily(*UP, value=1)
        for name, meaning, read in READ:
            yield GaugeMetricFamily(name, meaning, value=read(seen))
        processes = GaugeMetricFamily(*PROCESSES, labels=["role"])
        counts = Counter(name.partition("-")[0] for name in alive)
        for role in sorted({"all", "worker", "clock", *counts}):
            processes.add_metric([role], counts[role])
        yield processes
