"""Two bot processes, a Redis, a Slack on a bad day, and people who release all at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from redis import Redis

from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.sandbox.slack.server import SandboxSlack, demo_workspace
from bot.sandbox.slack.weather import Weather
from bot.sandbox.slack.workspace import Channel, Person
from bot.sandbox.valkey import Valkey
from tests.slack_person import wait_for

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
BOTS = 2
KEYS = 20
TROUBLED = frozenset(
    {
        "chat.postMessage",
        "chat.update",
        "chat.getPermalink",
        "conversations.history",
        "conversations.open",
        "conversations.replies",
    }
)
APP = """
[apps.team{n:02}]
channel = "C1{n:03}"
owner = "U1{n:03}"
approvers = ["U1{next:03}"]
oncall = ["U1{next:03}"]

[apps.team{n:02}.environments.production]
redis = "env:SOAK_REDIS_URL"
url = "{url}"
allow_private = true
waves = [100]

[apps.team{n:02}.routes.pages]
keys = ["team{n:02}:*"]
paths = ["/static/look.css"]
samples = 30
"""


class Farm:
    """Everything that runs; people are numbered from 0, each with an app and a channel."""

    def __init__(self, folder: Path, database_url: str, people: int, weather: Weather) -> None:
        """Take a folder for logs, an empty database and how bad the day is."""
        self.folder = folder
        self.people = people
        self._url = database_url
        self._weather = weather
        self._valkey = Valkey(folder / "valkey")
        self._bots: list[subprocess.Popen[bytes]] = []
        self.slack = _slack(people)
        self.ledger: SqlLedger
        self.redis: Redis

    def __enter__(self) -> Farm:
        """Start all of it; the bad day begins once both bots are there."""
        self._valkey.start()
        self.redis = Redis.from_url(self._valkey.url)
        self.slack.start()
        try:
            text = _catalog(self.people, self.slack.url.rstrip("/"))
            (self.folder / "catalog.toml").write_text(text)
            run = [sys.executable, "-m", "bot"]
            subprocess.run([*run, "migrate"], env=self._environ, check=True, capture_output=True)
            self.ledger = open_ledger(self._url)
            for number in range(BOTS):
                with (self.folder / f"bot-{number}.log").open("wb") as log:
                    bot = subprocess.Popen([*run, "all"], env=self._environ, stdout=log, stderr=log)
                self._bots.append(bot)
            wait_for("both bots", lambda: self.slack.lines == BOTS, seconds=60)
        except BaseException:
            self._stop()
            raise
        self.slack.bad_day(self._weather)
        return self

    @property
    def _environ(self) -> dict[str, str]:
        workspace = self.slack.workspace
        return {
            **os.environ,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_BASE_URL": self.slack.api_url,
            "CACHE_RELEASE_ASKS_PER_MIN": "10000",
            "CACHE_RELEASE_CLICKS_PER_MIN": "10000",
            "CACHE_RELEASE_PROBES_PER_SECOND": "1000",
            "CACHE_RELEASE_REHEARSAL_H": "0",
            "CACHE_RELEASE_SLACK_EDITS": "3000",
            "CACHE_RELEASE_CATALOG": str(self.folder / "catalog.toml"),
            "CACHE_RELEASE_SECOND_LOOK_S": "0",
            "DATABASE_URL": self._url,
            "SNAPSHOT_URL": str(self.folder / "snapshots"),
            "SOAK_REDIS_URL": self._valkey.url,
        }

    def seed(self, person: int) -> None:
        """Put that app's keys into Redis."""
        self.redis.mset({f"team{person:02}:{key}": f"page {key}" for key in range(KEYS)})

    def keys(self, person: int) -> int:
        """Return how many of that app's keys are there as they were."""
        found = self.redis.mget([f"team{person:02}:{key}" for key in range(KEYS)])
        return sum(value == f"page {key}".encode() for key, value in enumerate(found))

    def _stop(self) -> None:
        for bot in self._bots:
            bot.terminate()
        for bot in self._bots:
            bot.wait(timeout=40)
        self.slack.stop()
        self._valkey.stop()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all of it."""
        self.ledger.close()
        self.redis.close()
        self._stop()


def _catalog(people: int, url: str) -> str:
    """Return an app for each person; the pages that are measured are the sandbox's own."""
    return "".join(APP.format(n=n, next=(n + 1) % people, url=url) for n in range(people))


def _slack(people: int) -> SandboxSlack:
    workspace = demo_workspace(json.loads(MANIFEST.read_text(encoding="utf-8")))
    members = tuple(
        Person(id=f"U1{n:03}", name=f"person{n:02}", real_name=f"Person {n}") for n in range(people)
    )
    channels = tuple(Channel(id=f"C1{n:03}", name=f"team{n:02}") for n in range(people))
    crowd = replace(workspace, people=members, groups=(), channels=channels)
    return SandboxSlack(crowd, strict_rates=False)
