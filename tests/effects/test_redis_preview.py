"""A preview foretells the refill, and is read from the replica where there is a sound one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.trouble import place_of
from bot.release.plan import Group
from bot.release.preview import Preview
from tests.effects.conftest import DEADLINE_S, free_port, start_server, valkey_binary
from tests.effects.keyspaces import SCOPE, plant_every_kind, plant_many

ON_PRIMARY = "Counted on the primary, not on its replica."
RIGHTS = "~* +scan +dbsize +memory|usage +pttl"


@pytest.fixture
def second(tmp_path: Path) -> Iterator[str]:
    """The URL of another server, empty."""
    port = free_port()
    process = start_server(valkey_binary(), tmp_path, port)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(timeout=DEADLINE_S)


def follow(follower: str, leader: str) -> None:
    """Make a server the replica of another, and wait until it holds the same keys."""
    host, _, port = place_of(leader).partition(" ")[0].partition(":")
    with Redis.from_url(follower) as mine, Redis.from_url(leader) as theirs:
        mine.config_set("repl-diskless-load", "swapdb")
        theirs.config_set("repl-diskless-sync-delay", 0)
        mine.execute_command("REPLICAOF", host, port)
        deadline = time.monotonic() + 20
        while mine.info("replication")["master_link_status"] != "up":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        while mine.dbsize() != theirs.dbsize():
            assert time.monotonic() < deadline
            time.sleep(0.02)


def preview(url: str, replica: str | None = None) -> Preview:
    found = RedisKeyspace(url, replica=replica).preview(SCOPE, others={})
    assert [row.keys for row in found.patterns] == [101, 14]
    return found


def test_a_preview_is_a_count_with_types_big_keys_and_other_routes(
    valkey: str, redis: Redis
) -> None:
    plant_every_kind(redis, strings=100)
    found = RedisKeyspace(valkey).preview(SCOPE, others={"hot": ("anp:*:/products/9?",)})
    pages, fragments = found.patterns
    assert (found.database_keys, found.source) == (616, "")
    assert pages.overlaps == (Group(name="hot", keys=10),)
    assert pages.types == (Group(name="string", keys=101),)
    assert {row.name: row.keys for row in fragments.types} == {
        "string": 8,
        "hash": 2,
        "set": 1,
        "zset": 1,
        "list": 1,
        "stream": 1,
    }
    assert (pages.measured, pages.bytes_error) == (101, 0)
    assert pages.biggest[0].name == "anp:page:/products/big"
    assert pages.biggest[0].bytes > 3_000_000
    assert [row.type for row in fragments.biggest[:2]].count("hash") == 1
    assert [row.bytes for row in pages.biggest] == sorted(
        (row.bytes for row in pages.biggest), reverse=True
    )


def test_the_refill_is_foretold_from_the_hits_of_others_and_not_from_our_own(
    valkey: str, redis: Redis
) -> None:
    plant_many(redis, 500)
    plant_many(redis, 500, prefix="anp:page:/other/")
    stop = threading.Event()

    def read() -> None:
        with Redis.from_url(valkey) as reader:
            while not stop.wait(0.005):
                reader.mget(["anp:page:/other/1"] * 9 + ["anp:page:/none"])

    shop = threading.Thread(target=read)
    redis.config_resetstat()
    quiet = RedisKeyspace(valkey).preview(SCOPE[:1], others={}).forecast
    redis.config_resetstat()
    shop.start()
    try:
        busy = RedisKeyspace(valkey).preview(SCOPE[:1], others={}).forecast
    finally:
        stop.set()
        shop.join()
    assert quiet is not None
    assert (quiet.keys, quiet.cold_per_s, quiet.minutes_to_warm) == (500, 0.0, None)
    assert busy is not None
    assert busy.hits_per_s is not None
    assert busy.seconds is not None
    assert 0.5 <= busy.seconds < 5
    assert 50 < busy.hits_per_s < 1800
    assert busy.hit_rate == pytest.approx(0.9, abs=0.02)
    assert busy.cold_per_s == pytest.approx(busy.hits_per_s / 2, abs=0.01)


def test_a_user_without_info_and_type_learns_the_rest(valkey: str, redis: Redis) -> None:
    plant_every_kind(redis, strings=100)
    redis.execute_command("ACL", "SETUSER", "bot", "reset", "on", ">secret", *RIGHTS.split())
    found = preview(valkey.replace("redis://", "redis://bot:secret@"))
    redis.acl_deluser("bot")
    assert found.forecast is not None
    assert (found.forecast.keys, found.forecast.cold_per_s) == (115, None)
    assert found.patterns[0].types == ()
    assert found.patterns[0].bytes > 3_000_000


def test_a_plan_is_counted_on_the_replica(valkey: str, redis: Redis, second: str) -> None:
    plant_every_kind(redis, strings=100)
    follow(second, valkey)
    redis.config_resetstat()
    found = preview(valkey, second)
    assert (found.source, found.database_keys) == ("Counted on the replica.", 616)
    used = redis.info("commandstats")
    assert [name for name in ("cmdstat_scan", "cmdstat_memory|usage") if name in used] == []


def test_a_replica_that_does_not_answer_is_not_used(valkey: str, redis: Redis) -> None:
    plant_every_kind(redis, strings=100)
    port = free_port()
    found = preview(valkey, f"redis://127.0.0.1:{port}/0")
    assert found.source.startswith(f"{ON_PRIMARY} Redis at 127.0.0.1:{port} database 0: ")


def test_a_server_that_is_no_replica_is_not_used(valkey: str, redis: Redis, second: str) -> None:
    plant_every_kind(redis, strings=100)
    found = preview(valkey, second)
    assert found.source == f"{ON_PRIMARY} Redis at {place_of(second)} is no replica."


def test_a_replica_of_another_server_is_not_used(
    valkey: str, redis: Redis, second: str, tmp_path: Path
) -> None:
    plant_every_kind(redis, strings=100)
    port = free_port()
    (tmp_path / "third").mkdir()
    process = start_server(valkey_binary(), tmp_path / "third", port)
    follow(second, f"redis://127.0.0.1:{port}/0")
    found = preview(valkey, second)
    process.terminate()
    process.wait(timeout=DEADLINE_S)
    assert found.source == (
        f"{ON_PRIMARY} Redis at {place_of(second)} is a replica of another server."
    )


def test_a_replica_that_holds_too_few_keys_is_not_used(
    valkey: str, redis: Redis, second: str
) -> None:
    plant_every_kind(redis, strings=100)
    follow(second, valkey)
    with Redis.from_url(second) as client:
        client.config_set("replica-read-only", "no")
        client.delete(*(f"anp:page:/other/{number}" for number in range(100)))
    found = preview(valkey, second)
    assert found.source == (
        f"{ON_PRIMARY} The replica at {place_of(second)} holds 516 keys, its primary 616."
    )


def test_a_replica_that_lost_its_primary_is_not_used(
    valkey: str, redis: Redis, second: str
) -> None:
    plant_every_kind(redis, strings=100)
    with Redis.from_url(second) as client:
        client.execute_command("REPLICAOF", "127.0.0.1", str(free_port()))
    found = preview(valkey, second)
    assert found.source == (f"{ON_PRIMARY} The replica at {place_of(second)} has lost its primary.")
