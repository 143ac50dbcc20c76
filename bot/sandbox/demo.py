"""The demo: a small Slack, a shop in two environments, and the bot, all on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bot.sandbox.shop.shop import Shop, seed
from bot.sandbox.shop.versions import Version
from bot.sandbox.slack.server import SandboxSlack
from bot.sandbox.slack.workspace import demo_workspace
from bot.sandbox.valkey import Valkey

HERE = Path(__file__).parent
ENVIRONMENTS = ("staging", "production")
BOT_START_S = 30.0
# A release of the demo is watched for a minute, so that a person sees it to its end.
WATCH_EVERY_S = 5


class Demo:
    """Everything the demo runs; the bot is a process of its own, talking over the network only."""

    def __init__(
        self,
        folder: Path,
        manifest: Path,
        *,
        port: int = 0,
        keys: int = 20_000,
        rehearsal_h: int = 24,
        watch_every_s: int | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Take a folder that is emptied, our Slack manifest, the page's port and how many keys to seed.

        `rehearsal_h` is for how many hours a rehearsal counts; with 0 no release needs one. With `watch_every_s`
        a release is watched for a minute, with a look every so many seconds. `settings` go over the demo's own.
        """
        self.settings = dict(settings or {})
        self._rehearsal_h = rehearsal_h
        self._folder = folder
        self._manifest = manifest
        self._port = port
        self._keys = keys
        self._watch_every_s = watch_every_s
        self._valkeys = {name: Valkey(folder / f"valkey-{name}") for name in ENVIRONMENTS}
        self.shops: dict[str, Shop] = {}
        self._bot: subprocess.Popen[bytes] | None = None
        self.slack: SandboxSlack | None = None

    @property
    def redis_urls(self) -> dict[str, str]:
        """Return the Redis URL of each environment."""
        return {name: valkey.url for name, valkey in self._valkeys.items()}

    def start(self, *, bot: bool = True) -> str:
        """Start all of it, or all but the bot; return the page's address once the bot answers."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        for name, valkey in self._valkeys.items():
            valkey.start()
            self.shops[name] = Shop(
                redis_url=valkey.url, environment=name, folder=self._folder / "shop"
            )
            self.shops[name].start()
            seed(valkey.url, self._keys, environment=name)
            # The new version is live and the cache still holds the old pages: that is what a release is for.
            self.shops[name].deploy(Version.V2)
        self._write_catalog()
        workspace = demo_workspace(json.loads(self._manifest.read_text()))
        links = [{"label": f"Shop, {name}", "url": shop.url} for name, shop in self.shops.items()]
        self.slack = SandboxSlack(replace(workspace, links=links), port=self._port)
        self.slack.start()
        self._run_bot("migrate")
        if bot:
            self.start_bot()
        return self.slack.url

    def _write_catalog(self) -> None:
        text = (HERE / "catalog.toml").read_text()
        for name, shop in self.shops.items():
            text = text.replace(f"{{{name}_port}}", str(shop.port))
        (self._folder / "catalog.toml").write_text(text)
        shutil.copy2(HERE / "shop" / "deploy.sh", self._folder / "deploy.sh")
        (self._folder / "deploy.sh").chmod(0o755)

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of the bot's process: real settings, nothing only a demo would have."""
        assert self.slack is not None
        workspace = self.slack.workspace
        return {
            **os.environ,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_BASE_URL": self.slack.api_url,
            "CACHE_RELEASE_CATALOG": str(self._folder / "catalog.toml"),
            "DATABASE_URL": f"sqlite:///{self._folder / 'cache-release.sqlite'}",
            "SNAPSHOT_URL": str(self._folder / "snapshots"),
            "CACHE_RELEASE_SECOND_LOOK_S": "1",
            "CACHE_RELEASE_REHEARSAL_H": str(self._rehearsal_h),
            "CACHE_RELEASE_WORKING_HOURS": "always",
            "CACHE_RELEASE_WATCH_MIN": "1" if self._watch_every_s else "0",
            "CACHE_RELEASE_WATCH_EVERY_S": str(self._watch_every_s or 60),
            "SHOP_STAGING_REDIS_URL": self._valkeys["staging"].url,
            "SHOP_PRODUCTION_REDIS_URL": self._valkeys["production"].url,
            "SHOP_COOKIE_A": "session=a",
            "SHOP_COOKIE_B": "session=b",
            **self.settings,
        }

    def _run_bot(self, *words: str) -> None:
        subprocess.run([sys.executable, "-m", "bot", *words], env=self.environ, check=True)  # noqa: S603

    def start_bot(self) -> None:
        """Start the bot's process and wait until it listens to the sandbox."""
        assert self.slack is not None
        with (self._folder / "bot.log").open("ab") as log:
            self._bot = subprocess.Popen(
                [sys.executable, "-m", "bot", "all"], env=self.environ, stdout=log, stderr=log
            )
        deadline = time.monotonic() + BOT_START_S
        while not self.slack.connected:
            if self._bot.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The bot did not start; see {self._folder / 'bot.log'}.")
            time.sleep(0.05)

    def kill_bot(self) -> None:
        """End the bot's process at once, as a power cut would."""
        assert self._bot is not None
        self._bot.kill()
        self._bot.wait()

    def stop(self) -> None:
        """End everything that was started."""
        if self._bot is not None and self._bot.poll() is None:
            self._bot.terminate()
            self._bot.wait(timeout=30)
        if self.slack is not None:
            self.slack.stop()
        for shop in self.shops.values():
            shop.stop()
        for valkey in self._valkeys.values():
            valkey.stop()


def run_demo(folder: Path, manifest: Path, *, port: int) -> None:
    """Run the demo until Ctrl-C, saying where its page is."""
    console = Console(highlight=False)
    demo = Demo(folder, manifest, port=port, watch_every_s=WATCH_EVERY_S)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    started = time.monotonic()
    try:
        url = demo.start()
        console.print(f"Open {url}  (ready after {time.monotonic() - started:.1f} s)", markup=False)
        console.print('Type there: /cache-release start shop products "New price table"')
        console.print("Ctrl-C ends the demo.")
        ended.wait()
    except KeyboardInterrupt:
        console.print("Ending the demo.")
    finally:
        demo.stop()
