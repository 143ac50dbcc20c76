"""A sandbox Slack, a real ledger, and a clock that tests move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.sandbox.slack.server import SandboxSlack, Timing, demo_workspace
from tests.slack.stories import AT

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = AT

    def now(self) -> datetime:
        """Return the time."""
        return self.at

    def move(self, seconds: float) -> datetime:
        """Move on and return the time."""
        self.at += timedelta(seconds=seconds)
        return self.at


def sandbox(request_url: str | None = None) -> SandboxSlack:
    """Return a sandbox that is not started; it repeats an unacknowledged event at once."""
    workspace = demo_workspace(json.loads(MANIFEST.read_text(encoding="utf-8")))
    timing = Timing(event_retries=(0.0,))
    return SandboxSlack(workspace, request_url=request_url, strict_rates=False, timing=timing)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack() -> Iterator[SandboxSlack]:
    running = sandbox()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(slack: SandboxSlack) -> WebClient:
    return WebClient(
        token=slack.workspace.bot_token, base_url=slack.api_url, timeout=1, retry_handlers=[]
    )


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that holds nothing."""
    path = tmp_path_factory.mktemp("slack-ledger") / "empty.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def ledger(empty_ledger: Path, tmp_path: Path) -> Iterator[SqlLedger]:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(empty_ledger.read_bytes())
    opened = open_ledger(f"sqlite:///{path}")
    yield opened
    opened.close()
