"""A whole bot without Slack: a chat line goes in, an answer and a story come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.app import commands, steps
from bot.commands import Ask, Reply, Said, Tools
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.effects.rollback_hook import RollbackHook
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.records import Story
from bot.release.watch_plan import OFF, WatchPlan
from bot.release.words import parse_words, split_text
from bot.work.outside import Keyspace
from bot.work.parts import Parts, by_the_catalog
from bot.work.perform import Performer
from tests.fakes.http_probe import FakeProbe
from tests.fakes.redis_keyspace import FakeKeyspace

CATALOG = {
    "people": {"admins": ("U01ADMIN",)},
    "apps": {
        "shop": {
            "channel": "C01REL",
            "owner": "U01OWNER",
            "approvers": ("U02APPROVER", "U06SECOND"),
            "oncall": ("U03ONCALL",),
            "environments": {
                "production": {"redis": "env:R", "url": "http://127.0.0.1:1"},
                "staging": {"redis": "env:S", "url": "http://127.0.0.1:2"},
            },
            "routes": {
                "products": {
                    "keys": ("anp:page:/products*", "anp:fragment:products:*"),
                    "paths": ("/products",),
                },
                "cart": {"keys": ("anp:page:/cart*",), "paths": ("/cart",)},
            },
            "rollback": {"argv": ("./deploy.sh", "--to", "{previous}")},
        }
    },
}


@dataclass
class Clock:
    """A clock that the test moves."""

    at: datetime = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time, a second later at each look."""
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class Queue:
    """An engine that remembers what was asked, and runs it when the test says so."""

    keys: list[str] = field(default_factory=list)

    def enqueue(self, key: str, partition: str) -> None:
        """Remember the key once."""
        if key not in self.keys:
            self.keys.append(key)


class Talk:
    """A channel in which people say things to the bot."""

    def __init__(
        self,
        ledger: SqlLedger,
        folder: Path,
        catalog: Catalog,
        keyspace: Keyspace | None = None,
        rehearsal_h: int = 0,
        watch: WatchPlan = OFF,
        web: FakeProbe | None = None,
        who: Callable[[str], Person] = by_the_catalog,
    ) -> None:
        self.ledger = ledger
        self.clock = Clock()
        self.nonces = count(1)
        self.queue = Queue()
        self.redis = FakeKeyspace()
        self.staging: Keyspace | None = None
        self.web = web or FakeProbe()
        self.snapshots = SnapshotFiles(
            folder / "snapshots", hmac_key=b"k" * 32, max_bytes=1_000_000, now=self.clock.now
        )
        self.hook_log = folder / "deployed"
        hook = folder / "deploy.sh"
        hook.write_text(f'#!/bin/sh\necho "$@" >> {self.hook_log}\n')
        hook.chmod(0o755)
        self.tools = Tools(
            catalog=catalog,
            ledger=ledger,
            engine=self.queue,
            steps=steps(),
            commands=commands(),
            rehearsal_h=rehearsal_h,
            watch=watch,
        )
        self.performer = Performer(
            Parts(
                catalog=catalog,
                secrets={
                    "env:R": "redis://127.0.0.1:1/0",
                    "env:S": "redis://127.0.0.1:2/0",
                    "env:A": "session=a",
                },
                ledger=ledger,
                clock=self.clock,
                steps=steps(),
                keyspace=lambda app, environment: (
                    self._keyspace(environment) or keyspace or self.redis
                ),
                snapshots=self.snapshots,
                probe=self.web,
                hook=RollbackHook(folder, {"env:HOOK": "0123456789abcdef"}),
                nonce=lambda: f"{next(self.nonces):012x}",
                quiet_s=0.0,
                watch=watch,
                who=who,
            )
        )

    def _keyspace(self, environment: str) -> Keyspace | None:
        return self.staging if environment == "staging" else None

    def say(
        self,
        line: str,
        who: str = "U01OWNER",
        *,
        release: int | None = None,
        seen: int | None = None,
        work: bool = True,
        groups: frozenset[str] = frozenset(),
        **fields: str,
    ) -> Reply:
        """Say a line, as typed or as a button would; then let the workers do what was asked."""
        verb, *rest = split_text(line)
        parsed = parse_words(rest)
        reply = self.tools.commands[verb].run(
            Ask(
                verb=verb,
                who=Person(id=who, groups=groups),
                at=self.clock.now(),
                door="slack",
                channel="C01REL",
                words=parsed.words,
                fields={**parsed.fields, **fields},
                release=parsed.release or release,
                step=parsed.step,
                seen_version=seen,
            ),
            self.tools,
        )
        if work:
            self.work()
        return reply

    def work(self) -> None:
        """Run everything that waits."""
        while self.queue.keys:
            self.performer.perform(self.queue.keys.pop(0))

    def story(self, release: int = 1) -> Story:
        """Return what the ledger holds of a release."""
        story = self.ledger.story(release)
        assert story is not None
        return story

    def states(self, release: int = 1) -> list[str]:
        """Return the states of the steps, in order."""
        return [str(step.state) for step in self.story(release).steps]

    def until_purged(self) -> None:
        """Walk a fresh release to the end of its purge."""
        self.say('start shop products "New price table" --previous v1')
        for number in (1, 2, 3):
            self.say(f"run R-1 {number}")
            self.say(f"approve R-1 {number}", "U02APPROVER")


def text(reply: Reply) -> str:
    """Return what was said."""
    assert isinstance(reply, Said), reply
    return reply.text


@pytest.fixture
def empty_ledger(sqlite_url: str) -> Iterator[SqlLedger]:
    ledger = open_ledger(sqlite_url)
    yield ledger
    ledger.close()


@pytest.fixture
def talk(empty_ledger: SqlLedger, tmp_path: Path) -> Talk:
    return Talk(empty_ledger, tmp_path, Catalog.model_validate(CATALOG))


@pytest.fixture
def strict_talk(empty_ledger: SqlLedger, tmp_path: Path) -> Talk:
    """Return a talk about an app that needs two approvals."""
    catalog = Catalog.model_validate(CATALOG)
    shop = catalog.apps["shop"].model_copy(update={"approvals": 2})
    return Talk(empty_ledger, tmp_path, catalog.model_copy(update={"apps": {"shop": shop}}))
