"""A drill works on copies of its own: the app's keys are read, never named in a command that writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.drill import LIFE_MS, MOST_BYTES, MOST_KEYS
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import (
    SCOPE,
    live,
    plant_every_kind,
    plant_many,
    purge,
    restore,
    snapshots_in,
    staged,
    verify,
)

TOKEN = "0123456789ab"
PREFIX = b"~q:drill-0123456789ab:"


def test_the_copies_hold_what_the_keys_hold_and_expire_by_themselves(
    redis: Redis, valkey: str
) -> None:
    planted = plant_every_kind(redis, strings=100)
    before = live(valkey)
    copied = RedisKeyspace(valkey).copy_sample(SCOPE, TOKEN)
    assert (copied.keys, copied.skipped) == (planted - 1, 1)
    assert sorted(copied.names) == staged(redis)
    for name in copied.names:
        assert name.startswith(PREFIX)
        copy, key = redis.dump(name), redis.dump(name.removeprefix(PREFIX))
        assert copy is not None
        assert key is not None
        assert len(copy) == len(key)
        assert 0 < redis.pttl(name) <= LIFE_MS + MOST_KEYS
    assert len({redis.execute_command("PEXPIRETIME", name) for name in copied.names}) == planted - 1
    assert live(valkey) == before


def test_a_purge_a_restore_and_a_comparison_of_the_copies_touch_nothing_else(
    redis: Redis, valkey: str, tmp_path: Path
) -> None:
    plant_many(redis, 1_000)
    before, files = live(valkey), snapshots_in(tmp_path)
    keyspace = RedisKeyspace(valkey)
    copied = keyspace.copy_sample(SCOPE, TOKEN)
    assert copied.keys == MOST_KEYS
    redis.config_resetstat()
    assert purge(keyspace, files, "drill-purge", (copied.pattern,)).taken == MOST_KEYS
    assert staged(redis) == []
    assert restore(keyspace, files, "drill-purge").restored == MOST_KEYS
    assert verify(keyspace, files, "drill-purge").equal == MOST_KEYS
    keyspace.drop_copies(copied)
    assert staged(redis) == []
    assert live(valkey) == before


def test_no_more_is_copied_than_a_few_megabytes(redis: Redis, valkey: str) -> None:
    redis.mset({f"anp:page:/products/{number}": b"x" * 60_000 for number in range(150)})
    copied = RedisKeyspace(valkey).copy_sample(SCOPE, TOKEN)
    size = redis.memory_usage("anp:page:/products/1")
    assert size is not None
    assert copied.keys == MOST_BYTES // size
    assert copied.keys + copied.skipped == 150


def test_a_scope_without_keys_has_no_copies(redis: Redis, valkey: str) -> None:
    redis.set("anp:other", "x")
    copied = RedisKeyspace(valkey).copy_sample(SCOPE, TOKEN)
    assert (copied.keys, copied.skipped) == (0, 0)
    RedisKeyspace(valkey).drop_copies(copied)
    assert redis.dbsize() == 1


def test_copies_are_refused_where_the_server_is_full(redis: Redis, valkey: str) -> None:
    plant_many(redis, 50)
    redis.config_set("maxmemory", 1)
    with pytest.raises(Refusal) as refused:
        RedisKeyspace(valkey).copy_sample(SCOPE, TOKEN)
    assert refused.value.code is Code.REDIS_FULL


def test_another_drills_copies_are_not_taken(redis: Redis, valkey: str, tmp_path: Path) -> None:
    plant_many(redis, 10)
    keyspace = RedisKeyspace(valkey)
    one = keyspace.copy_sample(SCOPE, TOKEN)
    other = keyspace.copy_sample(SCOPE, "ba9876543210")
    assert purge(keyspace, snapshots_in(tmp_path), "one", (one.pattern,)).taken == 10
    assert staged(redis) == sorted(other.names)


@pytest.mark.parametrize("pattern", ["~q:*", "~q:drill-*", "~q:r1:*", "~q:drill-0123456789ab:a*"])
def test_no_other_name_of_the_bots_own_can_be_purged(
    valkey: str, pattern: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refused:
        purge(RedisKeyspace(valkey), snapshots_in(tmp_path), patterns=(pattern,))
    assert refused.value.code is Code.SCOPE_INVALID
