"""Several patterns cost one walk, and take what separate walks would take."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.frames import Captured
from bot.release.scope import check_pattern, matches, to_redis_glob
from bot.release.waves import PARTS, waves_of
from tests.effects.keyspaces import live, plant_many, purge, restore, snapshots_in, staged

START = st.sampled_from(["anp:", "anp:p", "shop:", "anp:{a}:"])
ENDS = st.lists(
    st.sampled_from(["*", "?", "a", "b", "-", "{a}", "/", ":", "%", "=", "+", ".", "~", "@", ","]),
    max_size=6,
).map("".join)


def allowed(pattern: str) -> bool:
    return "**" not in pattern and pattern.count("*") <= 4


PATTERNS = st.lists(
    st.tuples(START, ENDS).map("".join).filter(allowed), min_size=1, max_size=4, unique=True
)
BYTES = st.one_of(
    st.sampled_from([b"a", b"b", b"{a}", b"/", b":"]),
    st.sampled_from([bytes([byte]) for byte in b"-%=+.*?[\\^$\n\x00\xff"]),
)
KEYS = st.lists(
    st.tuples(
        st.sampled_from([b"anp:", b"anp:p", b"shop:", b"anp:{a}:", b""]),
        st.lists(BYTES, max_size=6).map(b"".join),
    ).map(b"".join),
    min_size=1,
    max_size=40,
    unique=True,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(patterns=PATTERNS, keys=KEYS)
def test_one_walk_for_several_patterns_takes_what_separate_walks_take(
    redis: Redis, valkey: str, patterns: list[str], keys: list[bytes]
) -> None:
    for pattern in patterns:
        check_pattern(pattern)
    redis.flushall()
    redis.mset(dict.fromkeys(keys, b"x"))
    before = live(valkey)
    apart = {pattern: set(redis.scan_iter(to_redis_glob(pattern))) for pattern in patterns}
    keyspace = RedisKeyspace(valkey)
    with tempfile.TemporaryDirectory() as folder:
        files = snapshots_in(Path(folder))
        outcome = purge(keyspace, files, patterns=patterns)
        taken = {
            row.key
            for batch in files.reader("r1").batches()
            for row in batch
            if isinstance(row, Captured)
        }
        assert taken == set().union(*apart.values())
        assert set(live(valkey)) == set(keys) - taken
        assert outcome.taken == len(taken)
        restore(keyspace, files)
    assert live(valkey) == before
    assert staged(redis) == []


def test_a_key_is_counted_for_its_first_pattern(valkey: str, redis: Redis, tmp_path: Path) -> None:
    plant_many(redis, 300)
    plant_many(redis, 40, prefix="shop:cart:")
    files = snapshots_in(tmp_path)
    patterns = ("anp:page:/products/1*", "shop:cart:*", "anp:page:*")
    purge(RedisKeyspace(valkey), files, patterns=patterns)
    ones = sum(matches(patterns[0], b"anp:page:/products/%d" % n) for n in range(300))
    manifest = json.loads((tmp_path / "r1" / "manifest.json").read_bytes())
    assert manifest["counts"] == {patterns[0]: ones, "shop:cart:*": 40, "anp:page:*": 300 - ones}


def test_three_patterns_are_one_walk_of_the_keyspace(
    valkey: str, redis: Redis, tmp_path: Path
) -> None:
    plant_many(redis, 5_000, prefix="other:")
    redis.set("anp:page:1", "x")
    patterns = ("anp:page:*", "anp:fragment:*", "shop:cart:*")
    keyspace = RedisKeyspace(valkey)
    files = snapshots_in(tmp_path)
    redis.config_resetstat()
    assert purge(keyspace, files, "r3", patterns).taken == 1
    several = scans(redis)
    redis.set("anp:page:1", "x")
    redis.config_resetstat()
    assert purge(keyspace, files, "r1", patterns[:1]).taken == 1
    assert several <= 1.2 * scans(redis)


def scans(client: Redis) -> int:
    return int(client.info("commandstats")["cmdstat_scan"]["calls"])


def test_a_wave_takes_its_share_and_the_last_one_seals_the_snapshot(
    redis: Redis, valkey: str, tmp_path: Path
) -> None:
    plant_many(redis, 1_000)
    before, files = live(valkey), snapshots_in(tmp_path)
    keyspace = RedisKeyspace(valkey)
    left = set(before)
    for wave in waves_of((1, 10, 100)):
        due = {key for key in left if wave.holds(key)}
        purge(keyspace, files, wave=wave)
        assert set(live(valkey)) == left - due
        left -= due
        assert files.reader("r1").sealed is (wave.last == PARTS)
    assert left == set()
    restore(keyspace, files)
    assert live(valkey) == before


def test_waves_one_after_the_other_count_as_one_run_and_a_repeated_wave_as_two(
    redis: Redis, valkey: str, tmp_path: Path
) -> None:
    plant_many(redis, 500)
    keyspace, files = RedisKeyspace(valkey), snapshots_in(tmp_path)
    first, second = waves_of((10, 100))

    def runs() -> int:
        return int(json.loads((tmp_path / "r1" / "manifest.json").read_bytes())["runs"])

    purge(keyspace, files, wave=first)
    assert runs() == 1
    plant_many(redis, 500)
    purge(keyspace, files, wave=first)
    assert runs() == 2
    purge(keyspace, files, wave=second)
    assert runs() == 2
    assert restore(keyspace, files).restored == 500
