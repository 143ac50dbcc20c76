from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from bot.release.scope import escape_glob, matches, to_redis_glob

PIECES = st.sampled_from(
    ["*", "?", "a", "b", "-", "[", "]", "\\", "^", "{", "}", "/", ":", "%", "=", "&", ",", "é"]
)
# The grammar allows no two stars in a row: the server does not find the empty key by them, our matcher would.
PATTERNS = st.lists(PIECES, max_size=8).map("".join).filter(lambda pattern: "**" not in pattern)
BYTES = st.sampled_from(
    [b"a", b"b", b"-", b"[", b"]", b"\\", b"^", b"*", b"?", b"\n", b"\x00", b"\xff", b" "]
)
KEYS = st.lists(st.lists(BYTES, max_size=6).map(b"".join), min_size=1, max_size=30, unique=True)
ON_A_SERVER = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found_by_server(client: Redis, glob: bytes, keys: list[bytes]) -> set[bytes]:
    client.flushall()
    client.mset(dict.fromkeys(keys, b"x"))
    return set(client.scan_iter(glob, count=100))


@ON_A_SERVER
@given(pattern=PATTERNS, keys=KEYS)
def test_our_matcher_takes_exactly_the_keys_that_the_server_takes(
    redis: Redis, pattern: str, keys: list[bytes]
) -> None:
    ours = {key for key in keys if matches(pattern, key)}
    assert found_by_server(redis, to_redis_glob(pattern), keys) == ours


@ON_A_SERVER
@given(keys=KEYS)
def test_an_escaped_prefix_finds_exactly_the_keys_that_start_with_it(
    redis: Redis, keys: list[bytes]
) -> None:
    prefix = keys[0]
    ours = {key for key in keys if key.startswith(prefix)}
    assert found_by_server(redis, escape_glob(prefix) + b"*", keys) == ours
