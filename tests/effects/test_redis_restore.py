"""A restore puts back what was, and never over what the app wrote since."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.restored import RestoreProgress
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import (
    BIG,
    SCOPE,
    ignore,
    live,
    plant_every_kind,
    plant_many,
    purge,
    restore,
    snapshots_in,
    staged,
    verify,
)


@pytest.fixture
def keyspace(valkey: str) -> RedisKeyspace:
    return RedisKeyspace(valkey)


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path / "snapshots")


def test_a_fresher_value_is_kept_and_counted(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 50)
    purge(keyspace, files)
    redis.set("anp:page:/products/7", "fresher")
    outcome = restore(keyspace, files)
    assert (outcome.restored, outcome.kept_fresher, outcome.failed) == (49, 1, 0)
    assert redis.get("anp:page:/products/7") == b"fresher"
    found = verify(keyspace, files)
    assert (found.equal, found.different, found.fresher, found.missing) == (49, 1, 1, 0)


def test_what_expired_meanwhile_stays_gone(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 10)
    soon = int(time.time() * 1000) + 2_000
    redis.set("anp:page:/products/soon", "x", pxat=soon)
    redis.set("anp:page:/products/soonbig", BIG, pxat=soon)
    assert purge(keyspace, files).taken == 12
    while time.time() * 1000 <= soon:
        time.sleep(0.02)
    outcome = restore(keyspace, files)
    assert (outcome.restored, outcome.expired, outcome.failed) == (10, 2, 0)
    assert not redis.exists("anp:page:/products/soon", "anp:page:/products/soonbig")
    found = verify(keyspace, files)
    assert (found.equal, found.expired, found.missing) == (10, 2, 0)


def test_a_restore_run_again_comes_to_the_same_counts(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    planted = plant_every_kind(redis)
    purge(keyspace, files)
    first, second = restore(keyspace, files), restore(keyspace, files)
    assert (first.restored, first.kept_fresher, first.failed) == (planted, 0, 0)
    assert (second.restored, second.kept_fresher, second.failed) == (planted, 0, 0)


def test_a_key_that_vanished_and_a_moved_expiry_are_told_apart(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 10)
    purge(keyspace, files)
    restore(keyspace, files)
    redis.delete("anp:page:/products/0")
    redis.persist("anp:page:/products/1")
    found = verify(keyspace, files)
    assert (found.equal, found.missing, found.different, found.fresher) == (8, 1, 1, 0)


def test_a_large_key_that_was_released_is_a_failure_with_its_name(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    redis.set("anp:page:/products/big", BIG)
    purge(keyspace, files)
    assert keyspace.release_quarantine("r1") == 1
    assert staged(redis) == []
    outcome = restore(keyspace, files)
    assert (outcome.restored, outcome.failed) == (0, 1)
    assert outcome.errors == (
        "anp:page:/products/big: it is not on the server and could not be put back",
    )


def test_progress_is_told_for_each_batch(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 5000)
    purge(keyspace, files)
    told: list[RestoreProgress] = []
    keyspace.restore(files.reader("r1"), on_batch=told.append)
    assert len(told) >= 3
    assert told[-1] == RestoreProgress(done=5000, total=5000)


def test_a_key_written_again_between_two_runs_is_restored_as_it_was_first(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 5000)
    before = live(valkey)

    def rewrite_and_stop(batch: object) -> None:
        for key in before:
            redis.set(key, "regenerated", nx=True)
        raise InterruptedError

    with pytest.raises(InterruptedError), files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=rewrite_and_stop)
    assert purge(keyspace, files).taken > 5000
    assert live(valkey) == {}
    outcome = restore(keyspace, files)
    assert (outcome.restored, outcome.kept_fresher) == (5000, 0)
    assert live(valkey) == before


def test_a_full_server_is_refused_before_anything_is_touched(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 3000)
    purge(keyspace, files)
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", int(redis.info("memory")["used_memory"]) + 100_000)
    with pytest.raises(Refusal) as refused:
        restore(keyspace, files)
    redis.config_set("maxmemory", 0)
    assert refused.value.code is Code.REDIS_FULL
    assert refused.value.failed.endswith("Nothing was touched.")
    assert redis.dbsize() == 0


def test_the_manifest_says_what_was_taken_from_where(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis, tmp_path: Path
) -> None:
    planted = plant_every_kind(redis)
    with files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=ignore)
    manifest = json.loads((tmp_path / "snapshots" / "r1" / "manifest.json").read_text())
    version = redis.info("server")
    name = "valkey" if "valkey_version" in version else "redis"
    assert manifest["server"] == f"{name} {version[f'{name}_version']}"
    assert (manifest["sealed"], manifest["keys"]) == (True, planted - 1)
    assert manifest["counts"] == {SCOPE[0]: 300, SCOPE[1]: 14}
    assert manifest["quarantined"] == ["anp%3Apage%3A/products/big"]
