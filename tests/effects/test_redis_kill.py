"""A purge or a restore is killed at every kind of moment: what was taken out is never lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.reconcile import reconcile_staged
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.topology import Servers
from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.frames import Captured
from bot.effects.snapshots.writer import SnapshotWriter
from tests.effects.keyspaces import (
    BIG,
    live,
    plant_many,
    purge,
    restore,
    snapshots_in,
    staged,
    verify,
)
from tests.keyspace_picture import picture

pytestmark = pytest.mark.fault
KEYS = 9_000
MANY_KEYS = 20_000
BESIDE = 500
TREE = Path(__file__).parents[2]
Picture = dict[bytes, tuple[bytes, int]]


def reconcile(url: str, writer: SnapshotWriter) -> int:
    with Servers(url) as servers:
        node, naming = servers.first, servers.naming("r1")
        with Staging(node.link, writer, naming) as staging:
            return reconcile_staged(node.link, node.found, writer, staging, naming)


def plant(client: Redis, keys: int = KEYS) -> None:
    plant_many(client, keys)
    plant_many(client, BESIDE, prefix="anp:page:/other/")
    client.set("anp:page:/products/big", BIG)


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path)


def start(url: str, root: Path, work: str, point: str = "never") -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tests.effects.purging_child", url, str(root), work, point]
    return subprocess.Popen(words, cwd=TREE)


def nothing_is_lost(url: str, files: SnapshotFiles, before: Picture) -> None:
    """Each key stands where it stood, or under its staged name, or in the snapshot, as it was."""
    there = picture(url)
    held: Picture = {}
    if files.ids():
        for batch in files.reader("r1").batches():
            for record in batch:
                if isinstance(record, Captured):
                    held[record.key] = (record.dump, record.expires_at or -1)
    lost = [
        key
        for key, value in before.items()
        if value not in (there.get(key), there.get(b"~q:r1:" + key), held.get(key))
    ]
    assert lost == []


def finish_and_restore(url: str, files: SnapshotFiles, before: Picture) -> None:
    keyspace = RedisKeyspace(url)
    outcome = purge(keyspace, files)
    scope = len(before) - BESIDE
    assert (outcome.taken, outcome.quarantined) == (scope, 1)
    assert len(live(url)) == BESIDE
    restored = restore(keyspace, files)
    assert (restored.restored, restored.kept_fresher, restored.failed) == (scope, 0, 0)
    assert verify(keyspace, files).equal == scope
    assert live(url) == before


@pytest.mark.parametrize("work", ["purge", "purge-encrypted"])
@pytest.mark.parametrize(
    "point", ["before-1", "half-1", "after-1", "before-4", "half-4", "after-4", "batch-2", "seal"]
)
def test_a_purge_killed_around_a_batch_goes_on_and_loses_nothing(
    valkey: str, redis: Redis, tmp_path: Path, point: str, work: str
) -> None:
    files = snapshots_in(tmp_path, encrypted="encrypted" in work)
    plant(redis)
    before = live(valkey)
    child = start(valkey, tmp_path, work, point)
    assert child.wait(timeout=60) == -signal.SIGKILL
    nothing_is_lost(valkey, files, before)
    finish_and_restore(valkey, files, before)
    assert staged(redis) == []


@pytest.mark.parametrize("work", ["purge", "purge-encrypted"])
def test_a_purge_killed_at_any_moment_again_and_again_loses_nothing(
    valkey: str, redis: Redis, tmp_path: Path, work: str
) -> None:
    files = snapshots_in(tmp_path, encrypted="encrypted" in work)
    plant(redis, MANY_KEYS)
    before = live(valkey)
    chance = random.Random(7)
    for _ in range(6):
        child = start(valkey, tmp_path, work)
        wait_for_a_sign_of_work(redis, child, len(live(valkey)))
        time.sleep(chance.uniform(0.0, 0.15))
        child.kill()
        child.wait(timeout=60)
        nothing_is_lost(valkey, files, before)
    finish_and_restore(valkey, files, before)
    assert staged(redis) == []


def wait_for_a_sign_of_work(client: Redis, child: subprocess.Popen[bytes], keys: int) -> None:
    deadline = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < deadline:
        if any(name.startswith(b"~q:r1:") for name in client.scan_iter(b"~q:r1:*", count=30_000)):
            return
        time.sleep(0.01)


def test_a_killed_purge_can_be_restored_at_once(
    valkey: str, redis: Redis, files: SnapshotFiles, tmp_path: Path
) -> None:
    plant(redis)
    before = live(valkey)
    assert start(valkey, tmp_path, "purge", "before-4").wait(timeout=60) == -signal.SIGKILL
    assert len(staged(redis)) > 1
    outcome = restore(RedisKeyspace(valkey), files)
    assert (outcome.kept_fresher, outcome.failed) == (0, 0)
    assert live(valkey) == before
    assert staged(redis) == []


def test_what_a_killed_purge_left_staged_can_be_made_durable_alone(
    valkey: str, redis: Redis, files: SnapshotFiles, tmp_path: Path
) -> None:
    plant(redis)
    before = live(valkey)
    assert start(valkey, tmp_path, "purge", "before-3").wait(timeout=60) == -signal.SIGKILL
    with files.writer("r1") as writer:
        count = reconcile(valkey, writer)
        assert count > 0
    assert staged(redis) in ([], [b"~q:r1:anp:page:/products/big"])
    nothing_is_lost(valkey, files, {key: row for key, row in before.items() if row[0] < BIG})


@pytest.mark.parametrize("point", ["batch-1", "batch-3"])
def test_a_restore_that_was_killed_comes_to_the_same_counts(
    valkey: str, redis: Redis, files: SnapshotFiles, tmp_path: Path, point: str
) -> None:
    plant(redis)
    before = live(valkey)
    keyspace = RedisKeyspace(valkey)
    purge(keyspace, files)
    assert start(valkey, tmp_path, "restore", point).wait(timeout=60) == -signal.SIGKILL
    assert BESIDE < len(live(valkey)) < KEYS + BESIDE
    outcome = restore(keyspace, files)
    assert (outcome.restored, outcome.kept_fresher, outcome.failed) == (KEYS + 1, 0, 0)
    assert live(valkey) == before
