"""One purge on every server that holds a part of the scope: in a cluster all primaries at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.effects.keyspace.bites import measure
from bot.effects.keyspace.capture import Capture
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.pulse import pulse_of
from bot.effects.keyspace.reconcile import reconcile_staged
from bot.effects.keyspace.renaming import Renaming
from bot.effects.keyspace.side_by_side import SideBySide
from bot.effects.keyspace.softening import SoftCapture, Softening, refuse_too_old
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.topology import Node, Servers
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.keyspace.walk import PurgeProgress, Walk
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.pace import Tempo
from bot.release.soft import Soft
from bot.release.waves import Wave

# Slots that moved meanwhile make another round over the cluster.
ROUNDS = 5
# For so long a purge waits for a server under strain, before it goes on all the same.
PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be taken, and how."""

    patterns: Sequence[str]
    soft: Sequence[Soft]
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
        self._settled = snapshot.settled
        self._pacers: dict[str, Pacer] = {}
        self._captures: list[Capture | SoftCapture] = []

    @property
    def requests(self) -> int:
        """Return how often the servers were asked."""
        return sum(capture.requests for capture in self._captures)

    def run(self) -> None:
        """Take everything; `on_batch` is called from this thread alone, and may raise to stop."""
        side_by_side = SideBySide(self._servers, self._tell)
        for _ in range(ROUNDS):
            side_by_side.run(self._take)
            self._tell()
            if not self._servers.look_again():
                return
            self._settled = False
        moving = ConnectionError(f"slots moved in each of {ROUNDS} rounds")
        raise refusal_of(moving, "the purge cannot end", self._servers.first.link.place)

    def _take(self, node: Node, between: Callable[[], None]) -> None:
        """Take out what goes, then what is to expire soon, each with a staging of its own."""
        order, link = self._order, node.link
        renaming = Renaming(node.found, order.naming, link.place)
        with pulse_of([link], patience_s=PATIENCE_S) as pulse:
            pacer = self._pacers[link.place] = Pacer(order.tempo, pulse)
            with Staging(link, self._snapshot, order.naming) as staging:
                if not self._settled:
                    reconcile_staged(link, node.found, self._snapshot, staging, order.naming)
                if order.patterns:
                    bites = measure(link, order.tempo)
                    with Capture(link, renaming, staging, bites, pacer) as capture:
                        self._walk(capture, staging, between, order.patterns)
                staging.make_durable()
            if order.soft:
                refuse_too_old(node.found, link.place)
                softening = Softening(link, self._snapshot, order.naming, order.soft)
                bites = measure(link, order.tempo)
                with softening:
                    copying = SoftCapture(link, renaming, softening, bites, pacer)
                    self._walk(copying, softening, between, [row.pattern for row in order.soft])
                    softening.make_durable()

    def _walk(
        self,
        capture: Capture | SoftCapture,
        staging: Staging,
        between: Callable[[], None],
        patterns: Sequence[str],
    ) -> None:
        self._captures.append(capture)
        walk = Walk(capture, staging, between, self._snapshot.count_run)
        walk.take(patterns, self._order.wave)

    def _tell(self) -> None:
        snapshot = self._snapshot
        self._on_batch(
            PurgeProgress(
                done=snapshot.keys + len(snapshot.aside),
                total=0,
                scanned=sum(capture.scanned for capture in self._captures),
                bytes=snapshot.raw_bytes,
                held_back=next((row.held_back for row in self._pacers.values()), ""),
            )
        )
