"""Takes a scope out for good: no snapshot, no way back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.effects.keyspace.bites import UNLINK_US, measure
from bot.effects.keyspace.connect import RedisLink, packed
from bot.effects.keyspace.flow import Flow
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.wanted import Wanted
from bot.release.pace import Tempo


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


def drop_everywhere(servers: Servers, wanted: Wanted, tempo: Callable[[], Tempo]) -> int:
    """Walk every server side by side; return how many keys went."""

    def on(link: RedisLink) -> int:
        work = Drop(link, measure(link, tempo), Pacer(tempo))
        work.clustered = servers.clustered
        work.run(wanted, lambda: None)
        return work.taken

    links = [node.link for node in servers.nodes]
    with ThreadPoolExecutor(max_workers=len(links), thread_name_prefix="drop") as pool:
        return sum(pool.map(on, links))
