"""One purge on every server that holds a part of the scope: in a cluster all primaries at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from bot.effects.keyspace.bites import measure
from bot.effects.keyspace.capture import Capture
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.pulse import pulse_of
from bot.effects.keyspace.reconcile import reconcile_staged
from bot.effects.keyspace.renaming import Renaming
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.topology import Node, Servers
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.keyspace.walk import PurgeProgress, Walk
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.pace import Tempo
from bot.release.waves import Wave

TELL_EVERY_S = 0.25
# Slots that moved meanwhile make another round over the cluster.
ROUNDS = 5
# For so long a purge waits for a server under strain, before it goes on all the same.
PATIENCE_S = 60.0


class _Stopped(Exception):
    """Another node failed, or who watches said stop."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be taken, and how."""

    patterns: Sequence[str]
    wave: Wave
    tempo: Callable[[], Tempo]
    naming: Naming


class Purge:
    """Takes a scope out into one snapshot."""

    def __init__(
        self,
        servers: Servers,
        snapshot: SnapshotWriter,
        order: Order,
        on_batch: Callable[[PurgeProgress], None],
    ) -> None:
        """Take a snapshot that was begun."""
        self._servers = servers
        self._snapshot = snapshot
        self._order = order
        self._on_batch = on_batch
        self._stop = threading.Event()
        self._settled = snapshot.settled
        self._pacers: dict[str, Pacer] = {}
        self.scanned = 0
        self.requests = 0

    def run(self) -> None:
        """Take everything; `on_batch` is called from this thread alone, and may raise to stop."""
        if not self._servers.clustered:
            self._take(self._servers.first, self._tell)
            self._tell()
            return
        for _ in range(ROUNDS):
            self._take_side_by_side()
            self._tell()
            if not self._servers.look_again():
                return
            self._settled = False
        moving = ConnectionError(f"slots moved in each of {ROUNDS} rounds")
        raise refusal_of(moving, "the purge cannot end", self._servers.first.link.place)

    def _take_side_by_side(self) -> None:
        nodes = self._servers.nodes
        with ThreadPoolExecutor(max_workers=len(nodes), thread_name_prefix="purge") as pool:
            running = [pool.submit(self._take, node, self._raise_if_stopped) for node in nodes]
            try:
                self._watch(running)
            finally:
                self._stop.set()
                wait(running)
                self._stop.clear()

    def _watch(self, running: Sequence[Future[None]]) -> None:
        """Tell how far it is until every node is done; the first that fails stops the others."""
        left = set(running)
        while left:
            done, left = wait(left, timeout=TELL_EVERY_S)
            for future in done:
                future.result()
            self._tell()

    def _take(self, node: Node, between: Callable[[], None]) -> None:
        order, link = self._order, node.link
        with Staging(link, self._snapshot, order.naming) as staging:
            if not self._settled:
                reconcile_staged(link, node.found, self._snapshot, staging, order.naming)
            renaming = Renaming(node.found, order.naming, link.place)
            bites = measure(link, order.tempo)
            with pulse_of([link], patience_s=PATIENCE_S) as pulse:
                pacer = self._pacers[link.place] = Pacer(order.tempo, pulse)
                with Capture(link, renaming, staging, bites, pacer) as capture:
                    Walk(capture, staging, between, self._snapshot.count_run).take(
                        order.patterns, order.wave
                    )
            staging.make_durable()
        self.scanned += capture.scanned
        self.requests += capture.requests

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _tell(self) -> None:
        snapshot = self._snapshot
        self._on_batch(
            PurgeProgress(
                done=snapshot.keys + len(snapshot.aside),
                total=0,
                scanned=self.scanned,
                bytes=snapshot.raw_bytes,
                held_back=next((row.held_back for row in self._pacers.values()), ""),
            )
        )
