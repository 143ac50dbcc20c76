"""Workers for the tests: started, killed and listened to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.effects.liveness import open_liveness
from bot.work.engine import DbosEngine, engine_url
from tests.work.engine_worker import gate

ROOT = Path(__file__).parents[2]
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line a worker wrote; `at` is the machine's monotonic clock in seconds."""

    at: float
    pid: int
    word: str
    key: str


def wait_until(what: str, look: Callable[[], Found], *, seconds: float = 20.0) -> Found:
    """Return the first truthy answer of `look`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come in {seconds:.0f} s")


def read_events(folder: Path) -> list[Event]:
    """Return what the processes wrote, in order."""
    file = folder / "events"
    lines = file.read_text().splitlines() if file.exists() else []
    rows = (line.split(" ", 3) for line in lines)
    return [Event(at=float(at), pid=int(pid), word=word, key=key) for at, pid, word, key in rows]


class Crew:
    """Worker processes of one ledger, and a client that only enqueues."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.client = DbosEngine(
            engine_url(url),
            role="web",
            perform=None,
            liveness=open_liveness(url),
            on_poisoned=lambda _key: None,
        )
        self.client.launch()

    def begin(
        self, *, grace_s: float = 20, linger_s: float = 0, wait: bool = True
    ) -> subprocess.Popen[bytes]:
        """Start a worker; return it once it takes work."""
        waits = [str(grace_s), str(linger_s)]
        words = ["-m", "tests.work.engine_worker", self.url, str(self.folder), *waits]
        with (self.folder / "output").open("ab") as output:
            worker = subprocess.Popen(
                [sys.executable, *words], cwd=ROOT, stdout=output, stderr=output
            )
        self.processes.append(worker)
        if wait:
            wait_until("the worker", lambda: "ready" in self.words(worker.pid))
        return worker

    def open_gate(self, key: str) -> None:
        gate(self.folder, key).touch()

    def events(self) -> list[Event]:
        return read_events(self.folder)

    def words(self, pid: int) -> list[str]:
        return [event.word for event in self.events() if event.pid == pid]

    def pids(self, word: str, key: str) -> list[int]:
        """Return who wrote this of that key, in order."""
        return [event.pid for event in self.events() if (event.word, event.key) == (word, key)]

    def wait_for(self, word: str, key: str, *, times: int = 1, seconds: float = 20.0) -> list[int]:
        wait_until(
            f"{word} {key} x{times}", lambda: len(self.pids(word, key)) >= times, seconds=seconds
        )
        return self.pids(word, key)

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def close(self) -> None:
        for worker in self.processes:
            worker.kill()
            worker.wait()
        self.client.close()
