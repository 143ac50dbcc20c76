"""What Redis refuses is said in a sentence that names it, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.trouble import place_of
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.refusal import Code, Refusal
from tests.effects.conftest import free_port
from tests.effects.keyspaces import SCOPE, live, plant_many, purge, restore, snapshots_in, staged
from tests.effects.rights import documented_rights

RIGHTS = f"~anp:* ~~q:* {' '.join(documented_rights())} "


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path / "snapshots")


class Door:
    """A user of the server whose rights a test chooses."""

    def __init__(self, client: Redis, url: str) -> None:
        self._client = client
        self._url = url

    def open(self, rights: str) -> RedisKeyspace:
        words = ["ACL", "SETUSER", "bot", "reset", "on", ">secret", *rights.split()]
        self._client.execute_command(*words)
        return RedisKeyspace(self._url.replace("redis://", "redis://bot:secret@"))


@pytest.fixture
def door(redis: Redis, valkey: str) -> Iterator[Door]:
    yield Door(redis, valkey)
    redis.acl_deluser("bot")


def test_the_documented_rights_are_enough_for_everything(
    door: Door, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 300)
    before = live(valkey)
    keyspace = door.open(RIGHTS)
    assert keyspace.count(SCOPE)[0][0].keys == 300
    assert purge(keyspace, files).taken == 300
    assert live(valkey) == {}
    assert restore(keyspace, files).restored == 300
    assert live(valkey) == before


@pytest.mark.parametrize(
    "missing", ["restore", "dump", "unlink", "renamenx", "pexpiretime", "scan"]
)
def test_a_missing_right_is_named_before_anything_is_taken(
    door: Door, files: SnapshotFiles, redis: Redis, valkey: str, missing: str
) -> None:
    plant_many(redis, 20)
    before = live(valkey)
    keyspace = door.open(RIGHTS.replace(f"+{missing} ", ""))
    with pytest.raises(Refusal) as refused:
        purge(keyspace, files)
    assert refused.value.code is Code.REDIS_REFUSED
    assert f"'{missing}'" in refused.value.failed
    assert live(valkey) == before


def test_a_user_confined_to_other_keys_takes_nothing(
    door: Door, files: SnapshotFiles, redis: Redis, valkey: str
) -> None:
    plant_many(redis, 20)
    before = live(valkey)
    keyspace = door.open(RIGHTS.replace("~anp:* ", "~other:* "))
    with pytest.raises(Refusal) as refused:
        purge(keyspace, files)
    assert refused.value.code is Code.REDIS_REFUSED
    assert live(valkey) == before


def test_a_wrong_password_is_refused_without_being_shown(valkey: str, files: SnapshotFiles) -> None:
    keyspace = RedisKeyspace(valkey.replace("redis://", "redis://bot:topsecret@"))
    with pytest.raises(Refusal) as refused:
        keyspace.count(SCOPE)
    assert refused.value.code is Code.REDIS_REFUSED
    assert "topsecret" not in str(refused.value)


def test_a_server_that_is_not_there_is_unreachable_and_a_retry_is_safe(
    files: SnapshotFiles,
) -> None:
    port = free_port()
    with pytest.raises(Refusal) as refused:
        purge(RedisKeyspace(f"redis://127.0.0.1:{port}/2"), files)
    assert refused.value.code is Code.REDIS_UNREACHABLE
    assert refused.value.retry_is_safe
    assert refused.value.failed.startswith(f"Redis at 127.0.0.1:{port} database 2: ")


def test_a_replica_is_refused_before_anything_is_taken(
    redis: Redis, valkey: str, files: SnapshotFiles
) -> None:
    plant_many(redis, 5)
    redis.replicaof("127.0.0.1", free_port())
    try:
        with pytest.raises(Refusal) as refused:
            purge(RedisKeyspace(valkey), files)
    finally:
        redis.replicaof("NO", "ONE")
    assert refused.value.code is Code.REDIS_REFUSED
    assert redis.dbsize() == 5


def test_a_connection_that_is_cut_in_the_middle_loses_nothing(
    redis: Redis, valkey: str, files: SnapshotFiles
) -> None:
    plant_many(redis, 6000)
    before = live(valkey)
    keyspace = RedisKeyspace(valkey)
    cut: list[int] = []

    def cut_once(batch: object) -> None:
        if not cut:
            cut.append(redis.client_kill_filter(_type="normal", skipme=True))

    with pytest.raises(Refusal) as refused, files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=cut_once)
    assert refused.value.code is Code.REDIS_UNREACHABLE
    assert cut[0] >= 1
    assert purge(keyspace, files).taken == 6000
    assert staged(redis) == []
    assert restore(keyspace, files).restored == 6000
    assert live(valkey) == before


def test_an_address_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        RedisKeyspace("http://secret@nowhere").count(SCOPE)
    assert refused.value.code is Code.REDIS_UNREACHABLE
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://u:p@cache.example:6380/3", "cache.example:6380 database 3"),
        ("rediss://:p@cache.example", "cache.example:6379"),
        ("unix:///run/redis.sock", "/run/redis.sock"),
    ],
)
def test_a_place_is_named_without_user_and_password(url: str, place: str) -> None:
    assert place_of(url) == place
