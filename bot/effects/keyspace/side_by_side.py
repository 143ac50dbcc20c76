"""The same work on every server that holds a part of the keys: in a cluster on all primaries at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from bot.effects.keyspace.topology import Node, Servers

TELL_EVERY_S = 0.25


class Stopped(Exception):
    """Another node failed, or who watches said stop."""


Work = Callable[[Node, Callable[[], None]], None]


class SideBySide:
    """Runs work on each node; `tell` is called now and then, from the caller's thread alone, and may raise to stop."""

    def __init__(self, servers: Servers, tell: Callable[[], None]) -> None:
        """Take the servers and who is told."""
        self._servers = servers
        self._tell = tell
        self._stop = threading.Event()

    def run(self, work: Work) -> None:
        """Give each node its work, and what it calls between two requests; the first that fails stops the others."""
        if not self._servers.clustered:
            work(self._servers.first, self._tell)
            return
        nodes = self._servers.nodes
        with ThreadPoolExecutor(max_workers=len(nodes), thread_name_prefix="purge") as pool:
            running = [pool.submit(work, node, self._raise_if_stopped) for node in nodes]
            try:
                self._watch(running)
            finally:
                self._stop.set()
                wait(running)
                self._stop.clear()

    def _watch(self, running: Sequence[Future[None]]) -> None:
        left = set(running)
        while left:
            done, left = wait(left, timeout=TELL_EVERY_S)
            for future in done:
                future.result()
            self._tell()

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise Stopped
