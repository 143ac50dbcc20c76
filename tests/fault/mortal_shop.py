"""One shop that is released again and again, by a bot that dies; each time with a ledger of its own."""

from __future__ import annotations

import json
import os
import shutil
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from redis import Redis
from sqlalchemy import select

from bot.effects.ledger.connect import open_engine
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.effects.ledger.work_tables import OUTBOX
from bot.release.records import Action, ActionKind
from bot.sandbox.shop.shop import Shop, seed
from bot.sandbox.shop.versions import Version
from bot.sandbox.slack.server import SandboxSlack
from bot.sandbox.slack.workspace import demo_workspace
from bot.sandbox.valkey import Valkey
from tests.fault.dying_bot import Death, start_bot
from tests.keyspace_picture import picture
from tests.slack_person import SlackPerson, wait_for

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
# Enough for two waves, few enough to be written anew for each death.
KEYS = 2_400
CATALOG = """
[people]
admins = ["U01ADMIN"]

[apps.shop]
channel = "C01REL"
owner = "U01OWNER"
approvers = ["U02APPROVER"]

[apps.shop.environments.production]
redis = "env:SHOP_REDIS_URL"
url = "{url}"
allow_private = true
waves = [50.0, 100.0]

[apps.shop.routes.products]
keys = ["anp:page:/products*", "anp:fragment:products:*"]
paths = ["/products"]

[apps.shop.rollback]
argv = ["./deploy-and-count.sh", "--environment", "{environment}", "--to", "{previous}"]
previous = ["./deploy.sh", "--environment", "{environment}", "--previous"]
"""
COUNTING = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/deploys"
exec "$(dirname "$0")/deploy.sh" "$@"
"""
PURGE_CARD = "Purge only the affected route"

Picture = dict[bytes, tuple[bytes, int]]


class MortalShop:
    """A Valkey and a shop, started once for many deaths."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.valkey = Valkey(folder / "valkey")
        self.shop = Shop(
            redis_url=self.valkey.url, environment="production", folder=folder / "shop"
        )

    def start(self) -> None:
        self.valkey.start()
        self.shop.start()
        text = CATALOG.replace("{url}", self.shop.url)
        (self.folder / "catalog.toml").write_text(text, encoding="utf-8")
        script = Path(__file__).parents[2] / "bot" / "sandbox" / "shop" / "deploy.sh"
        shutil.copy2(script, self.folder / "deploy.sh")
        (self.folder / "deploy-and-count.sh").write_text(COUNTING, encoding="utf-8")
        for name in ("deploy.sh", "deploy-and-count.sh"):
            (self.folder / name).chmod(0o755)

    def renew(self) -> None:
        """Make the shop as it was on its first day, with the new version live over the old cache."""
        with Redis.from_url(self.valkey.url) as client:
            client.flushall()
        self.shop.deploy(Version.V1)
        seed(self.valkey.url, KEYS)
        self.shop.deploy(Version.V2)
        (self.folder / "deploys").write_text("", encoding="utf-8")

    def deploys(self) -> list[str]:
        """Return how the deploy command was called, in order."""
        return (self.folder / "deploys").read_text(encoding="utf-8").splitlines()

    def stop(self) -> None:
        self.shop.stop()
        self.valkey.stop()


class Life:
    """One ledger, one Slack, and one bot after the other."""

    def __init__(self, shop: MortalShop, ledger_url: str, folder: Path) -> None:
        self._shop = shop
        self._folder = folder
        self._url = ledger_url
        self._bot: BaseProcess | None = None
        self.armed = folder / "armed"
        self.ledger: SqlLedger = open_ledger(ledger_url)
        self.slack = SandboxSlack(demo_workspace(json.loads(MANIFEST.read_text())))
        self.slack.start()
        self.olga = SlackPerson(self.slack, "U01OWNER")
        self.ari = SlackPerson(self.slack, "U02APPROVER")

    @property
    def environ(self) -> dict[str, str]:
        workspace = self.slack.workspace
        return {
            **os.environ,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_BASE_URL": self.slack.api_url,
            "CACHE_RELEASE_CATALOG": str(self._shop.folder / "catalog.toml"),
            "DATABASE_URL": self._url,
            "SNAPSHOT_URL": str(self._folder / "snapshots"),
            "CACHE_RELEASE_SECOND_LOOK_S": "1",
            "CACHE_RELEASE_REHEARSAL_H": "0",
            "CACHE_RELEASE_WATCH_MIN": "0",
            "CACHE_RELEASE_WORKING_HOURS": "always",
            "SHOP_REDIS_URL": self._shop.valkey.url,
        }

    def begin(self, *, death: Death | None = None, passed: Path | None = None) -> BaseProcess:
        """Start a bot and wait until it hears Slack."""
        wait_for("the end of the old line", lambda: not self.slack.connected)
        bot = start_bot(self.environ, self._folder / "bot.log", death=death, passed=passed)
        self._bot = bot
        wait_for("the bot", lambda: self.slack.connected or not bot.is_alive())
        assert bot.is_alive() or bot.exitcode == -9, (self._folder / "bot.log").read_text()[-2000:]
        return bot

    def end(self) -> None:
        """End the bot at once, then everything else."""
        if self._bot is not None:
            self._bot.kill()
            self._bot.join()
        self.slack.stop()
        self.ledger.close()

    def asked(self, kind: ActionKind) -> tuple[Action, ...]:
        """Return what was asked for, oldest first."""
        story = self.ledger.story(1)
        return () if story is None else tuple(row for row in story.actions if row.kind is kind)

    def plans(self) -> None:
        """Bring a purge to the point where it waits for a yes."""
        self.olga.types("/cache-release purge shop products")
        self.olga.presses("Run", on=PURGE_CARD)
        self.ari.sees("keys match")

    def purges(self) -> None:
        """Approve the purge and wait for its end."""
        self.ari.presses("Approve purge", on=PURGE_CARD)
        self.ari.sees("are in snapshot", seconds=60)

    def waits_until_all_is_told(self) -> None:
        """Wait until no message waits to be sent."""
        wait_for("the last message", lambda: self.waiting() == [], seconds=60)

    def waiting(self) -> list[str]:
        """Return the messages that are still to be sent."""
        engine = open_engine(self._url)
        with engine.connect() as connection:
            cards = list(connection.execute(select(OUTBOX.c.card)).scalars())
        engine.dispose()
        return cards

    def picture(self) -> Picture:
        """Return every key of the shop that has not expired."""
        now = time.time() * 1000
        found = picture(self._shop.valkey.url)
        return {key: value for key, value in found.items() if value[1] < 0 or value[1] > now}
