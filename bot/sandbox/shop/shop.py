"""The demo shop as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.sandbox.shop.seeding import seed
from bot.sandbox.shop.versions import (
    Version,
    deploy,
    install_script,
    live_version,
    versions_file,
)

__all__ = ["Shop", "seed", "start_shop"]


class Shop:
    """One environment of the shop; `folder` holds its versions file and deploy.sh."""

    def __init__(self, *, redis_url: str, environment: str, folder: Path, port: int = 0) -> None:
        """Take what the shop needs; port 0 takes a free one at the start."""
        self._redis_url = redis_url
        self._environment = environment
        self._wanted = port
        self._process: subprocess.Popen[str] | None = None
        self.versions = versions_file(folder, environment)
        self.port = port

    @property
    def url(self) -> str:
        """Return its address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def live(self) -> Version:
        """Return the version that is live."""
        return live_version(self.versions)

    def deploy(self, version: Version) -> None:
        """Make a version live at once."""
        deploy(self.versions, version)

    def start(self) -> None:
        """Start the process and wait until it listens; raise RuntimeError where it ends instead."""
        install_script(self.versions.parent)
        if not self.versions.exists():
            deploy(self.versions, Version.V1)
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [
                *(sys.executable, "-m", "bot.sandbox.shop"),
                *("--port", str(self._wanted), "--redis", self._redis_url),
                *("--environment", self._environment, "--versions-file", str(self.versions)),
            ],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("http://"):
            self.stop()
            raise RuntimeError(f"The shop of {self._environment} did not start.")
        self.port = int(line.rpartition(":")[2])

    def stop(self) -> None:
        """End the process, at once where it does not end by itself within 5 s."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None


def start_shop(*, redis_url: str, environment: str, folder: Path, port: int = 0) -> Shop:
    """Start a shop and return it listening."""
    shop = Shop(redis_url=redis_url, environment=environment, folder=folder, port=port)
    shop.start()
    return shop
