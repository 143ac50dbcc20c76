"""What a server says of itself, read without CONFIG and without a write."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.server_facts import database_of
from bot.release.two_places import same_keys
from tests.browser.redis_watch import RedisWatch
from tests.effects.rights import make_user
from tests.effects.servers import Server


def test_a_server_says_its_version_its_limit_its_policy_and_its_databases(
    redis: Redis, valkey: str
) -> None:
    redis.config_set("maxmemory", 64 * 1024 * 1024)
    redis.config_set("maxmemory-policy", "allkeys-lru")
    redis.set("a", "1")
    with Redis.from_url(valkey.replace("/0", "/3")) as third:
        third.set("b", "1")
        with RedisWatch(valkey) as watch:
            found = RedisKeyspace(valkey).facts()
            assert watch.destroyed() == []
        third.flushdb()
    version = redis.info("server")["valkey_version"]
    assert (found.server, found.maxmemory, found.policy, found.databases, found.clustered) == (
        f"valkey {version}",
        64 * 1024 * 1024,
        "allkeys-lru",
        (0, 3),
        False,
    )
    redis.config_set("maxmemory-policy", "noeviction")


def test_every_server_tells_enough_to_be_compared(server: Server) -> None:
    found = RedisKeyspace(server.url).facts()
    assert found.server is not None
    assert found.server.startswith(server.name.replace("-", " "))
    assert (found.maxmemory, found.policy, found.databases) == (0, "noeviction", ())


def test_the_documented_user_may_read_it_and_one_without_info_learns_that_it_is_untold(
    redis: Redis, valkey: str
) -> None:
    assert RedisKeyspace(make_user(redis, valkey)).facts().policy == "noeviction"
    found = RedisKeyspace(make_user(redis, valkey, more="-info")).facts()
    assert (found.server, found.maxmemory, found.policy, found.databases, found.ids) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_one_server_under_two_names_is_known_by_its_run_id(valkey: str) -> None:
    one = RedisKeyspace(valkey).facts()
    other = RedisKeyspace(valkey.replace("127.0.0.1", "localhost")).facts()
    beside = RedisKeyspace(valkey.replace("/0", "/1")).facts()
    assert same_keys(one, other)
    assert not same_keys(one, beside)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("redis://h:6379/4", 4),
        ("redis://h:6379", 0),
        ("unix:///run/redis.sock?db=2", 2),
        ("redis+sentinel://a,b/mymaster/5", 5),
    ],
)
def test_an_address_names_its_database(url: str, number: int) -> None:
    assert database_of(url) == number
