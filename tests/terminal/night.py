"""The night when Slack is down: a terminal, a ledger of its own, Redis, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.records import Story
from bot.sandbox.demo import Demo
from bot.sandbox.shop.shop import seed
from tests.keyspace_picture import picture, split

Keys = dict[bytes, tuple[bytes, int]]
LEDGER = ("cache-release.sqlite", "cache-release.engine.sqlite")

# The look after a purge fetches these pages, and the shop keeps them again.
LOOKED_AT = {b"anp:page:/products", b"anp:page:/products?page=2"}


@dataclass
class Night:
    """Runs the command line as a process, with fresh keys and nothing in the ledger."""

    demo: Demo
    folder: Path
    migrated: Path
    begun: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in LEDGER:
            shutil.copy(self.migrated / name, self.folder / name)

    @property
    def ledger_url(self) -> str:
        """Return where this night's ledger is."""
        return f"sqlite:///{self.folder / LEDGER[0]}"

    @property
    def environ(self) -> dict[str, str]:
        """Return what the terminal is told: nothing of Slack."""
        known = {k: v for k, v in self.demo.environ.items() if not k.startswith("SLACK")}
        snapshots = str(self.folder / "snapshots")
        return {**known, "DATABASE_URL": self.ledger_url, "SNAPSHOT_URL": snapshots}

    def fill(self, keys: int, environment: str = "production") -> None:
        """Empty an environment's Redis and write this many keys."""
        with Redis.from_url(self.url(environment)) as redis:
            redis.flushall()
        seed(self.url(environment), keys, environment=environment)

    def url(self, environment: str = "production") -> str:
        """Return an environment's Redis."""
        return self.demo.redis_urls[environment]

    def begin(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        """Start `cache-release` with these words."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.begun.append(process)
        return process

    def run(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `cache-release` with these words to its end."""
        process = self.begin(*words, **environ)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def asks(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run with `--json`; return the exit code and the one object that was printed."""
        ran = self.run(*words, "--json")
        (line,) = ran.stdout.splitlines()
        return ran.returncode, json.loads(line)

    def keys(self, environment: str = "production") -> tuple[Keys, Keys]:
        """Return the keys of the products route, and all others."""
        return split(picture(self.url(environment)))

    def when_keys_move(self, act: Callable[[], None]) -> None:
        """Do something as soon as a hundred keys have gone, or come back."""
        deadline = time.monotonic() + 30
        with Redis.from_url(self.url()) as redis:
            # The copies of a drill come and go as well; the app's keys have their own prefix.
            before = _keys(redis)
            while abs(_keys(redis) - before) < 100 and time.monotonic() < deadline:
                pass
            act()

    def story(self, release: int = 1) -> Story:
        """Return what the ledger holds of a release."""
        ledger: SqlLedger = open_ledger(self.ledger_url)
        try:
            story = ledger.story(release)
        finally:
            ledger.close()
        assert story is not None
        return story

    def end(self) -> None:
        """End what is still running."""
        for process in self.begun:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _keys(redis: Redis) -> int:
    return sum(1 for _ in redis.scan_iter("anp:*", count=5_000))
