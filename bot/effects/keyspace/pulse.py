"""Feels how a server is while it is worked on: its own latency, its replicas, its memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.info import info_of
from bot.release.strain import strain

PINGS = 3


class Pulse:
    """Connections beside those that work: what these feel, every other client feels."""

    def __init__(self, links: Sequence[RedisLink], *, patience_s: float) -> None:
        """Take for how long in a row it is worth holding back; after that the work goes on whatever is felt."""
        self._links = links
        self._patience_s = patience_s
        self._since: float | None = None

    def feel(self) -> str:
        """Return in a few words why to hold back, empty where all is well or patience is over."""
        found = next(filter(None, map(_felt, self._links)), "")
        now = time.monotonic()
        if not found:
            self._since = None
            return ""
        if self._since is None:
            self._since = now
        return found if now - self._since < self._patience_s else ""


def _felt(link: RedisLink) -> str:
    usual = statistics.median(_ping_ms(link) for _ in range(PINGS))
    return strain(usual, info_of(link, "replication"), info_of(link, "memory"))


def _ping_ms(link: RedisLink) -> float:
    begun = time.perf_counter()
    link.ask("PING")
    return (time.perf_counter() - begun) * 1000


@contextmanager
def pulse_of(links: Sequence[RedisLink], *, patience_s: float) -> Iterator[Pulse]:
    """Open a connection beside each of these, for as long as they are worked on."""
    with ExitStack() as opened:
        beside = [opened.enter_context(RedisLink(link.url)) for link in links]
        yield Pulse(beside, patience_s=patience_s)
