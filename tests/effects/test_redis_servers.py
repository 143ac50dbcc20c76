"""What was purged comes back as it was, and nothing else changes: on every server."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import ResponseError

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.restored import RestoreOutcome
from bot.release.refusal import Code, Refusal
from bot.release.scope import matches
from tests.effects.conftest import Servers
from tests.effects.keyspaces import hour_from_now, purge, restore, snapshots_in, staged, verify
from tests.effects.servers import Server, binaries

SCOPE = ("anp:page:/products*", "anp:f?:*")
# PTTL and TIME are two requests; between them a busy machine may let this long go by.
COMPUTED_MS = 250
FORMATS = {"redis-6": 9, "redis-7": 10, "valkey-8": 11, "valkey-9": 80}
READS: dict[str, Any] = {
    "string": lambda client, key: client.get(key),
    "hash": lambda client, key: client.hgetall(key),
    "list": lambda client, key: client.lrange(key, 0, -1),
    "set": lambda client, key: client.smembers(key),
    "zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
    "stream": lambda client, key: client.xrange(key),
}

NAMES = st.tuples(
    st.sampled_from([b"anp:page:/products", b"anp:page:/other", b"anp:f1:", b"anp:f12:", b"shop:"]),
    st.binary(max_size=6),
).map(b"".join)
VALUES = st.one_of(
    st.tuples(st.just("string"), st.binary(max_size=300)),
    st.tuples(st.sampled_from(["hash", "list", "set", "zset", "stream"]), st.integers(1, 200)),
)
KEYS = st.dictionaries(NAMES, st.tuples(VALUES, st.sampled_from([0, 0, 1, 2])), max_size=25)


def write(client: Redis, key: bytes, kind: str, what: Any) -> None:
    words = [b"member %d" % number for number in range(what)] if kind != "string" else []
    match kind:
        case "string":
            client.set(key, what)
        case "hash":
            client.hset(key, mapping={word: word * 3 for word in words})
        case "list":
            client.rpush(key, *words)
        case "set":
            client.sadd(key, *words)
        case "zset":
            client.zadd(key, {word: index / 3 for index, word in enumerate(words)})
        case "stream":
            for word in words[:5]:
                client.xadd(key, {"f": word})


def seen(url: str) -> dict[bytes, tuple[object, int]]:
    """Return each key's content as the app reads it, and its absolute expiry, 0 where it has none."""
    with Redis.from_url(url) as client:
        return {key: (_content(client, key), _expiry(client, key)) for key in client.scan_iter()}


def _content(client: Redis, key: bytes) -> object:
    return READS[client.execute_command("TYPE", key).decode()](client, key)


def _expiry(client: Redis, key: bytes) -> int:
    try:
        return max(0, int(client.execute_command("PEXPIRETIME", key)))
    except ResponseError:
        rest, (seconds, micros) = client.pttl(key), client.time()
        return 0 if rest < 0 else seconds * 1000 + micros // 1000 + rest


def differing(
    one: dict[bytes, tuple[object, int]], other: dict[bytes, tuple[object, int]], slack_ms: int
) -> dict[bytes, object]:
    nothing = (None, 0)
    pairs = {key: (one.get(key, nothing), other.get(key, nothing)) for key in one | other}
    return {
        key: pair
        for key, pair in pairs.items()
        if pair[0][0] != pair[1][0] or abs(pair[0][1] - pair[1][1]) > slack_ms
    }


def slack_of(server: Server) -> int:
    return COMPUTED_MS if server.name == "redis-6" else 0


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=KEYS)
def test_a_purge_and_its_rollback_give_back_the_scope_and_never_change_what_is_outside(
    server: Server, keys: dict[bytes, tuple[tuple[str, Any], int]]
) -> None:
    with Redis.from_url(server.url) as client, tempfile.TemporaryDirectory() as folder:
        client.flushall()
        for key, ((kind, what), hours) in keys.items():
            write(client, key, kind, what)
            if hours:
                client.pexpireat(key, hour_from_now() * hours)
        before = seen(server.url)
        inside = {key for key in before if any(matches(pattern, key) for pattern in SCOPE)}
        files, keyspace = snapshots_in(Path(folder)), RedisKeyspace(server.url)
        taken = purge(keyspace, files, patterns=SCOPE)
        outside = {key: value for key, value in before.items() if key not in inside}
        assert differing(seen(server.url), outside, slack_of(server)) == {}
        back = restore(keyspace, files)
        found = verify(keyspace, files)
        assert (taken.taken, back.restored, found.equal) == (len(inside),) * 3
        assert differing(seen(server.url), before, slack_of(server)) == {}
        assert staged(client) == []


def test_what_expired_meanwhile_stays_gone(server: Server, tmp_path: Path) -> None:
    with Redis.from_url(server.url) as client:
        client.set("anp:f1:short", "x", px=2_000)
        client.set("anp:f1:long", "x", px=60_000)
        keyspace, files = RedisKeyspace(server.url), snapshots_in(tmp_path)
        assert purge(keyspace, files, patterns=SCOPE).taken == 2
        client.execute_command("BLPOP", "nothing", "2")
        back = restore(keyspace, files)
        assert (back.restored, back.expired, back.failed) == (1, 1, 0)
        assert list(client.scan_iter()) == [b"anp:f1:long"]


def moved(servers: Servers, old: str, new: str, folder: Path) -> RestoreOutcome:
    source, files = servers.empty(old), snapshots_in(folder)
    with Redis.from_url(source.url) as client:
        for kind in READS:
            write(client, b"anp:f1:" + kind.encode(), kind, b"x" if kind == "string" else 200)
    purge(RedisKeyspace(source.url), files, patterns=SCOPE)
    target = servers.empty(new)
    with Redis.from_url(target.url) as client:
        client.set("anp:f1:hash", "fresher")
    return restore(RedisKeyspace(target.url), files)


PAIRS = [(old, new) for old in FORMATS for new in FORMATS if {old, new} <= set(binaries())]


@pytest.mark.parametrize(("old", "new"), [p for p in PAIRS if FORMATS[p[0]] <= FORMATS[p[1]]])
def test_a_snapshot_goes_back_into_a_server_as_new_or_newer(
    servers: Servers, old: str, new: str, tmp_path: Path
) -> None:
    back = moved(servers, old, new, tmp_path)
    assert (back.restored, back.kept_fresher, back.failed, back.errors) == (5, 1, 0, ())


@pytest.mark.parametrize(("old", "new"), [p for p in PAIRS if FORMATS[p[0]] > FORMATS[p[1]]])
def test_a_snapshot_of_a_newer_server_is_refused_with_both_formats_and_nothing_is_touched(
    servers: Servers, old: str, new: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refused:
        moved(servers, old, new, tmp_path)
    assert refused.value.code is Code.SNAPSHOT_FORMAT
    held = f"holds DUMP format {FORMATS[old]}; "
    assert held in refused.value.failed
    assert f"reads format {FORMATS[new]}. Nothing was touched." in refused.value.failed
    with Redis.from_url(servers.there(new).url) as client:
        assert client.keys() == [b"anp:f1:hash"]
