from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from redis import Redis

from bot.sandbox.shop.page_cache import unpacked
from bot.sandbox.shop.shop import seed
from bot.sandbox.valkey import Valkey

AT = 1_767_225_600.0


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cache(valkey: Valkey) -> Iterator[Redis]:
    with Redis.from_url(valkey.url, decode_responses=True) as client:
        client.flushdb()
        yield client


def kind_of(key: str) -> str:
    return key.partition("?")[0].split("/")[1] if "/" in key else key.rpartition(":")[0]


def content(cache: Redis, key: str) -> object:
    match cache.type(key):
        case "hash":
            return cache.hgetall(key)
        case "zset":
            return cache.zrange(key, 0, -1, withscores=True)
        case _:
            return cache.get(key)


def test_twenty_thousand_keys_of_three_routes_cost_less_than_two_seconds_of_work(
    valkey: Valkey, cache: Redis
) -> None:
    started = time.process_time()
    assert seed(valkey.url) == 20_000
    assert time.process_time() - started < 2.0
    keys = list(map(str, cache.keys("*")))
    assert Counter(map(kind_of, keys)) == {
        "products": 7_999,
        "anp:fragment:products": 5_001,
        "cart": 4_000,
        "about": 3_000,
    }
    pipeline = cache.pipeline(transaction=False)
    for key in keys:
        pipeline.type(key)
    assert Counter(pipeline.execute()) == {"string": 18_333, "hash": 1_666, "zset": 1}
    for key in keys:
        pipeline.ttl(key)
    lives = pipeline.execute()
    assert lives.count(-1) == 3_999 + 1
    assert all(life == -1 or 3_500 < life <= 25_200 for life in lives)


def test_the_same_seed_gives_the_same_keys_and_values(valkey: Valkey, cache: Redis) -> None:
    def picture() -> dict[str, object]:
        cache.flushdb()
        seed(valkey.url, 200, at=AT)
        return {key: content(cache, key) for key in map(str, cache.keys("*"))}

    first = picture()
    assert len(first) == 200
    assert picture() == first


def test_seeded_pages_are_pages_of_the_first_version(valkey: Valkey, cache: Redis) -> None:
    seed(valkey.url, 200, environment="staging", at=AT)
    copy = unpacked(str(cache.get("anp:page:/products")))
    assert (copy.version, copy.made_at) == ("v1", AT - 1)
    assert "Demo shop · staging · this page was made by <b>v1</b>" in copy.text
    assert cache.exists("anp:page:/products/7", "anp:page:/cart", "anp:page:/about") == 3
