"""A purge takes exactly its scope."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.abilities import try_abilities
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.walk import PurgeProgress
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.pace import TEMPO, Pace, Tempo
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import (
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


class Enough(Exception):
    """Somebody pressed Stop."""


def test_every_key_of_the_scope_is_taken_and_no_other(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    planted = plant_every_kind(redis)
    before = live(valkey)
    outcome = purge(keyspace, files)
    assert (outcome.taken, outcome.quarantined) == (planted, 1)
    assert len(live(valkey)) == 501
    assert live(valkey).items() <= before.items()
    assert staged(redis) == [b"~q:r1:anp:page:/products/big"]
    assert keyspace.count(SCOPE)[0][0].keys == 0


def test_a_restore_brings_back_content_and_absolute_expiry(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    planted = plant_every_kind(redis)
    before = live(valkey)
    purge(keyspace, files)
    restored = restore(keyspace, files)
    assert (restored.restored, restored.kept_fresher, restored.failed) == (planted, 0, 0)
    verified = verify(keyspace, files)
    assert (verified.equal, verified.different, verified.missing) == (planted, 0, 0)
    assert live(valkey) == before
    assert staged(redis) == []


def test_a_server_is_tried_without_leaving_a_key(valkey: str, redis: Redis) -> None:
    redis.set("anp:x", "x")
    dump = redis.dump("anp:x")
    assert dump is not None
    with RedisLink(valkey) as link:
        assert try_abilities(link).dump_format == int.from_bytes(dump[-10:-8], "little")
    assert redis.dbsize() == 1


def test_a_purge_that_is_stopped_keeps_what_it_took_and_goes_on_later(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 6000)
    before = live(valkey)

    def stop(batch: PurgeProgress) -> None:
        raise Enough

    with pytest.raises(Enough), files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=stop)
    assert staged(redis) == []
    left = len(live(valkey))
    assert 0 < left < 6000
    assert files.reader("r1").keys == 6000 - left
    assert not files.reader("r1").sealed
    assert purge(keyspace, files).taken == 6000
    assert files.reader("r1").sealed
    assert live(valkey) == {}
    assert restore(keyspace, files).restored == 6000
    assert live(valkey) == before


def test_a_stopped_purge_can_be_restored_without_going_on(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 6000)
    before = live(valkey)

    def stop(batch: PurgeProgress) -> None:
        raise Enough

    with pytest.raises(Enough), files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=stop)
    taken = 6000 - len(live(valkey))
    assert restore(keyspace, files).restored == taken
    assert live(valkey) == before


def test_a_finished_purge_asked_again_only_reports(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 100)
    first = purge(keyspace, files)
    redis.set("anp:page:/products/1", "written again")
    again = purge(keyspace, files)
    assert (again.taken, again.bytes) == (first.taken, first.bytes) == (100, first.bytes)
    assert redis.get("anp:page:/products/1") == b"written again"


def test_progress_counts_up_to_what_was_taken(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 20_000)
    told: list[PurgeProgress] = []
    with files.writer("r1") as writer:
        outcome = keyspace.purge(SCOPE, writer, stage="r1", on_batch=told.append)
    assert [batch.done for batch in told] == sorted(batch.done for batch in told)
    assert len(told) >= 3
    assert (told[-1].done, told[-1].bytes) == (20_000, outcome.bytes)


def test_a_scope_outside_the_grammar_is_refused_before_anything(
    keyspace: RedisKeyspace, files: SnapshotFiles, redis: Redis
) -> None:
    plant_many(redis, 10)
    with pytest.raises(Refusal) as refused:
        purge(keyspace, files, patterns=("*",))
    assert refused.value.code is Code.SCOPE_INVALID
    assert redis.dbsize() == 10


def test_a_snapshot_that_would_be_too_large_is_refused_before_the_first_key(
    keyspace: RedisKeyspace, tmp_path: Path, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 2000)
    before = live(valkey)
    with pytest.raises(Refusal) as refused:
        purge(keyspace, snapshots_in(tmp_path, max_bytes=5000))
    assert refused.value.code is Code.SNAPSHOT_TOO_LARGE
    assert live(valkey) == before
    assert staged(redis) == []


def test_a_snapshot_that_cannot_be_written_stops_before_a_key_that_is_not_safe(
    keyspace: RedisKeyspace, tmp_path: Path, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 5000)
    before = live(valkey)
    files = snapshots_in(tmp_path, segment_bytes=1)
    in_the_way = tmp_path / "r1" / "segment-0003.resp.zst"

    def block(batch: PurgeProgress) -> None:
        in_the_way.mkdir(exist_ok=True)

    with pytest.raises(Refusal) as refused, files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=block)
    assert refused.value.code is Code.SNAPSHOT_UNWRITABLE
    assert staged(redis) == []
    in_the_way.rmdir()
    assert files.reader("r1").keys == 5000 - len(live(valkey))
    restore(keyspace, files)
    assert live(valkey) == before


def test_a_ceiling_of_keys_a_second_holds_for_every_tempo(
    valkey: str, redis: Redis, tmp_path: Path
) -> None:
    plant_many(redis, 300)
    most = Tempo(budget_us=1_000, duty=1.0, keys_per_s=200)
    keyspace, files = RedisKeyspace(valkey, most=most), snapshots_in(tmp_path)
    begun = time.monotonic()
    with files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=ignore, tempo=lambda: TEMPO[Pace.FAST])
    assert time.monotonic() - begun > 1.0
