"""An app beside the purge: 2,000 GETs a second from a process of its own, each timed from when it was due."""

from __future__ import annotations

import random
import select
import socket
import subprocess
import sys
import threading
import time
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

import hiredis

from bot.effects.keyspace.connect import packed

PER_S = 2_000
CONNECTIONS = 8
# Sleeping ends late; the last stretch is waited out.
AWAKE_S = 0.0001
WARM_S = 0.5


@dataclass
class Seen:
    """What the neighbour saw: when each GET was due (`time.perf_counter`), and how long until its answer, in s."""

    due: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def between(self, begun: float, ended: float) -> list[float]:
        """Return the milliseconds of the GETs that were due between two moments."""
        pairs = zip(self.due, self.took, strict=True)
        return [1000 * took for due, took in pairs if begun <= due <= ended]


@contextmanager
def neighbour(port: int, keys: int) -> Iterator[Seen]:
    """Let the neighbour read while the block runs; what it saw is known afterwards."""
    words = [sys.executable, "-m", "tests.bench.neighbour", str(port), str(keys)]
    seen = Seen()
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(WARM_S)
        yield seen
        values = array("d", process.communicate(b"\n")[0])
        seen.due, seen.took = list(values[::2]), list(values[1::2])
    finally:
        process.kill()
        process.wait()


def read_until(ended: threading.Event, port: int, keys: int) -> array[float]:
    """Send each GET when it is due, whatever is still unanswered; return due and seconds by turns.

    The GETs go round some connections, as an app's do, so that a late answer keeps no later GET from its way.
    """
    chance, found = random.Random(2), array("d")
    with ExitStack() as stack:
        lines = [stack.enter_context(_Line(port)) for _ in range(CONNECTIONS)]
        poller = select.poll()
        by_number = {line.number: line for line in lines}
        for number in by_number:
            poller.register(number, select.POLLIN)
        due, sent = time.perf_counter(), 0
        while not ended.is_set():
            while due <= time.perf_counter():
                # A key that no purge of one or ten percent takes.
                lines[sent % CONNECTIONS].send(due, chance.randrange(keys // 10) * 10 + 1)
                due, sent = due + 1 / PER_S, sent + 1
            # It waits in whole milliseconds; a shorter wait is a look.
            for number, _ in poller.poll(0):
                found.extend(by_number[number].receive())
            left = due - time.perf_counter()
            if left > AWAKE_S:
                select.select(list(by_number), (), (), left - AWAKE_S)
    return found


class _Line(AbstractContextManager["_Line"]):
    """One connection, and when the GETs that are under way on it were due."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader, self._due = hiredis.Reader(), deque[float]()
        self.number = self._socket.fileno()

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, due: float, number: int) -> None:
        self._socket.sendall(packed([(b"GET", b"anp:all:%d" % number)]))
        self._due.append(due)

    def receive(self) -> Iterator[float]:
        """Yield when each answered GET was due, and how long ago that is."""
        self._reader.feed(self._socket.recv(65_536))
        now = time.perf_counter()
        while self._reader.gets() is not False:
            due = self._due.popleft()
            yield due
            yield now - due


def main(port: int, keys: int) -> None:
    """Read until a line comes in, then write what was seen."""
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.readline()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    sys.stdout.buffer.write(read_until(ended, port, keys).tobytes())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
