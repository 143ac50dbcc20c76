"""Takes a scope out for good: no snapshot, no way back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bot.effects.keyspace.bites import UNLINK_US, measure
from bot.effects.keyspace.connect import packed
from bot.effects.keyspace.flow import Flow
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.pulse import pulse_of
from bot.effects.keyspace.side_by_side import TELL_EVERY_S, SideBySide
from bot.effects.keyspace.topology import Node, Servers
from bot.effects.keyspace.walk import PurgeProgress
from bot.effects.keyspace.wanted import Wanted
from bot.release.pace import Tempo

PATIENCE_S = 60.0


class Drop(Flow):
    """UNLINK of what SCAN finds; a page goes while the next is looked for."""

    _taken = 0
    clustered = False

    @property
    def taken(self) -> int:
        """Return how many keys went."""
        return self._taken

    def run(self, wanted: Wanted, between: Callable[[], None]) -> None:
        """Walk the keyspace once; `between` is called after every answer, and may raise to stop."""
        self._walk(wanted, between)

    def _wait(self) -> None:
        """Nothing ever holds it back."""

    def _work_us(self) -> float:
        return len(self._pending) * UNLINK_US

    def _send_work(self, budget: float) -> None:
        most = max(1, int(budget / UNLINK_US))
        keys = [self._pending.popleft() for _ in range(min(most, len(self._pending)))]
        # In a cluster the keys of a node lie in many slots, and a command may name one slot alone.
        words = [(b"UNLINK", key) for key in keys] if self.clustered else [(b"UNLINK", *keys)]
        self._post(packed(words), len(words), self._unlinked)

    def _unlinked(self, answers: list[Any]) -> None:
        for answer in answers:
            # A key left behind would be a page that stays stale: who dropped it must hear of it.
            self._refuse_error(answer, "UNLINK was refused")
            self._taken += int(answer)


class Dropping:
    """One plain purge on every server that holds a part of the scope."""

    def __init__(
        self,
        servers: Servers,
        wanted: Wanted,
        tempo: Callable[[], Tempo],
        on_batch: Callable[[PurgeProgress], None],
    ) -> None:
        """Take what goes, and who is told how far it is."""
        self._servers, self._wanted, self._tempo, self._on_batch = servers, wanted, tempo, on_batch
        self._drops: list[Drop] = []
        self._pacers: list[Pacer] = []
        self._told = 0.0

    @property
    def taken(self) -> int:
        """Return how many keys went."""
        return sum(drop.taken for drop in self._drops)

    def run(self) -> int:
        """Walk every server side by side; return how many keys went."""
        SideBySide(self._servers, self._tell_now_and_then).run(self._drop)
        self._tell()
        return self.taken

    def _drop(self, node: Node, between: Callable[[], None]) -> None:
        with pulse_of([node.link], patience_s=PATIENCE_S) as pulse:
            pacer = Pacer(self._tempo, pulse)
            drop = Drop(node.link, measure(node.link, self._tempo), pacer)
            drop.clustered = self._servers.clustered
            self._pacers.append(pacer)
            self._drops.append(drop)
            drop.run(self._wanted, between)

    def _tell_now_and_then(self) -> None:
        if time.monotonic() - self._told >= TELL_EVERY_S:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        scanned = sum(drop.scanned for drop in self._drops)
        held_back = next((row.held_back for row in self._pacers), "")
        self._on_batch(
            PurgeProgress(done=self.taken, total=0, scanned=scanned, bytes=0, held_back=held_back)
        )
