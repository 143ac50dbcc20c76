"""A count tells what a purge would take, and touches nothing."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from bot.effects.keyspace import count
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.count import estimate_bytes
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.release.plan import TtlSpread
from bot.release.scope import matches
from tests.effects.keyspaces import SCOPE, live, plant_every_kind, plant_many

PATTERNS = ("anp:a*", "anp:*b", "anp:?c*")
NAMES = st.lists(
    st.text("abc", min_size=0, max_size=4).map(lambda tail: f"anp:{tail}"), max_size=40, unique=True
)


@pytest.fixture
def keyspace(valkey: str) -> RedisKeyspace:
    return RedisKeyspace(valkey)


def plant_quickly(client: Redis, keys: int) -> None:
    for first in range(0, keys, 10_000):
        numbers = range(first, min(first + 10_000, keys))
        client.mset({f"anp:page:/products/{number}": "x" for number in numbers})


def memory_of(client: Redis, key: bytes) -> int:
    found = client.memory_usage(key)
    assert found is not None
    return int(found)


def test_each_pattern_is_counted_measured_and_sampled(
    keyspace: RedisKeyspace, redis: Redis, valkey: str
) -> None:
    plant_every_kind(redis, strings=100)
    before = live(valkey)
    (pages, fragments), database = keyspace.count(SCOPE, sample=5)
    assert (pages.pattern, pages.keys, fragments.keys, database) == (SCOPE[0], 101, 14, 616)
    expected = sum(memory_of(redis, key) for key in before if matches(SCOPE[0], key))
    assert pages.bytes == expected
    assert len(pages.sample) == len(fragments.sample) == 5
    assert all(name.startswith("anp:page:/products/") for name in pages.sample)
    assert live(valkey) == before


def test_expiries_are_sorted_into_spans(keyspace: RedisKeyspace, redis: Redis) -> None:
    for name, seconds in (("a", 30), ("b", 600), ("c", 7200), ("d", 200_000), ("e", 59)):
        redis.set(f"anp:{name}", "x", ex=seconds)
    redis.set("anp:f", "x")
    (found,), _ = keyspace.count(["anp:*"])
    assert found.ttl == TtlSpread(no_expiry=1, under_minute=2, under_hour=1, under_day=1, longer=1)


def test_neighbours_of_the_route_are_named(keyspace: RedisKeyspace, redis: Redis) -> None:
    redis.mset(
        dict.fromkeys(["anp:/route1", "anp:/route1/x", "anp:/route10", "anp:/route11:y"], "x")
    )
    (found,), _ = keyspace.count(["anp:/route1*"])
    assert (found.keys, found.neighbours) == (4, ("anp:/route10", "anp:/route11"))


def test_patterns_without_a_common_prefix_are_counted_in_one_walk(
    keyspace: RedisKeyspace, redis: Redis
) -> None:
    redis.mset(dict.fromkeys(["anp:a", "anp:b", "shop:a"], "x"))
    counts, _ = keyspace.count(["anp:*", "shop:*"])
    assert [found.keys for found in counts] == [2, 1]


def test_no_sample_is_taken_where_none_is_asked_for(keyspace: RedisKeyspace, redis: Redis) -> None:
    plant_many(redis, 3)
    assert keyspace.count(SCOPE, sample=0)[0][0].sample == ()


def test_more_keys_than_are_measured_are_extrapolated(valkey: str, redis: Redis) -> None:
    plant_many(redis, 24_000)
    (found,), _ = RedisKeyspace(valkey).count(SCOPE[:1])
    spread = found.ttl
    assert found.keys == 24_000 == sum(vars(spread).values())
    assert found.measured == count.MEASURED
    assert 0.45 < spread.no_expiry / found.keys < 0.55
    exact = sum(memory_of(redis, b"anp:page:/products/%d" % n) for n in range(0, 24_000, 40))
    assert 0.95 < found.bytes / (exact * 40) < 1.05


def test_more_keys_are_measured_where_sizes_differ_much(
    keyspace: RedisKeyspace, redis: Redis
) -> None:
    plant_quickly(redis, 24_000)
    redis.mset({f"anp:page:/products/{number}": "x" * 20_000 for number in range(0, 24_000, 120)})
    (found,), _ = keyspace.count(SCOPE[:1])
    assert found.measured == count.MOST_MEASURED
    exact = sum(memory_of(redis, key) for key in redis.scan_iter(count=1000))
    assert 0 < found.bytes_error < 0.25 * exact
    assert abs(found.bytes - exact) < 3 * found.bytes_error
    biggest = found.biggest[0]
    assert biggest.bytes == memory_of(redis, biggest.name.encode()) > 20_000


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=NAMES)
def test_a_key_counts_for_its_first_pattern_only(
    keyspace: RedisKeyspace, redis: Redis, names: list[str]
) -> None:
    redis.flushall()
    if names:
        redis.mset(dict.fromkeys(names, "x"))
    expected = dict.fromkeys(PATTERNS, 0)
    for name in names:
        first = next((pattern for pattern in PATTERNS if matches(pattern, name.encode())), None)
        if first is not None:
            expected[first] += 1
    counts, database = keyspace.count(PATTERNS)
    assert {found.pattern: found.keys for found in counts} == expected
    assert database == len(names)


def test_the_estimate_of_a_snapshot_is_of_the_right_size(valkey: str, redis: Redis) -> None:
    plant_many(redis, 3000)
    plant_many(redis, 3000, prefix="anp:page:/other/")
    with RedisLink(valkey) as link:
        assert 20_000 < estimate_bytes(link, SCOPE) < 400_000
        assert estimate_bytes(link, ["shop:*"]) == 0


def test_without_a_sample_keys_are_counted_and_not_measured(
    keyspace: RedisKeyspace, redis: Redis
) -> None:
    plant_many(redis, 30)
    redis.config_resetstat()
    (found,), _ = keyspace.count(SCOPE[:1], sample=0)
    assert (found.keys, found.measured, found.bytes, found.ttl) == (30, 0, 0, TtlSpread())
    assert "cmdstat_memory|usage" not in redis.info("commandstats")


def test_the_memory_of_a_count_does_not_grow_with_the_keys(
    keyspace: RedisKeyspace, redis: Redis
) -> None:
    peaks = []
    for planted in (20_000, 200_000):
        plant_quickly(redis, planted)
        tracemalloc.start()
        (found,), _ = keyspace.count(["anp:page:*"])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.keys == planted
    assert peaks[1] < peaks[0] * 1.2
