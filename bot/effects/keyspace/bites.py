"""How much one request may hold, so that it keeps the server no longer than its budget."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.wanted import START
from bot.release.pace import Tempo

# Microseconds of the server's main thread, measured on Valkey 9.1 with keys of 300 bytes.
BUCKET_US = 0.4
RENAME_US = 4.0
DUMP_US = 2.5
DUMP_BYTE_US = 0.0075
UNLINK_US = 2.0
RESTORE_US = 3.0

PROBES = 5
PROBE_BUCKETS = 500
NOWHERE = b"~q:nowhere:*"
FEWEST, MOST = 10, 10_000
# The same request takes up to twice as long where keys are larger than most, or a core is shared.
AIM = 0.5


class Bites:
    """Sizes of requests for this server: its own speed is measured once, and the tempo may change meanwhile."""

    def __init__(self, tempo: Callable[[], Tempo], *, slowness: float = 1.0) -> None:
        """Take the tempo, and how many times slower than the table above the server is."""
        self._tempo = tempo
        self._slowness = slowness

    @property
    def budget_us(self) -> float:
        """Return how much of the table's time one request may hold."""
        return AIM * self._tempo().budget_us / self._slowness

    @property
    def buckets(self) -> int:
        """Return how many buckets one SCAN may look into: its COUNT."""
        return int(min(MOST, max(FEWEST, self.budget_us / BUCKET_US)))


def measure(link: RedisLink, tempo: Callable[[], Tempo]) -> Bites:
    """Return sizes for the server behind this link.

    The fastest of five looks counts: noise only ever makes a look slower. An empty or tiny database says nothing,
    and is taken to be as fast as the table.
    """
    idle = min(_seconds(link, b"PING") for _ in range(PROBES))
    looked = min(
        _seconds(link, b"SCAN", START, b"MATCH", NOWHERE, b"COUNT", PROBE_BUCKETS)
        for _ in range(PROBES)
    )
    bucket_us = max(0.0, looked - idle) * 1e6 / PROBE_BUCKETS
    return Bites(tempo, slowness=max(1.0, bucket_us / BUCKET_US))


def _seconds(link: RedisLink, *words: bytes | int) -> float:
    begun = time.perf_counter()
    link.ask(*words)
    return time.perf_counter() - begun
