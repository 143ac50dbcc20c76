"""Two DUMPs of the same value are equal, in whatever order the server wrote it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from bot.effects.keyspace.compare import same_content

FOOTER = b"\x0b\x00" + b"c" * 8
OTHER_FOOTER = b"\x50\x00" + b"d" * 8
MEMBERS = st.lists(
    st.one_of(
        st.binary(min_size=0, max_size=8),
        st.integers(-(2**40), 2**40).map(lambda number: b"%d" % number),
        st.integers(100, 20_000).map(lambda length: b"z" * length),
    ),
    min_size=1,
    max_size=30,
    unique=True,
)


def dump(client: Redis, key: str) -> bytes:
    found = client.dump(key)
    assert found is not None
    return found


def test_a_set_in_another_order_is_equal() -> None:
    one = b"\x02\x03\x01a\x01b\xc0\x07" + FOOTER
    other = b"\x02\x03\xc0\x07\x01b\x01a" + OTHER_FOOTER
    assert same_content(one, other)


def test_a_hash_in_another_order_is_equal_and_swapped_values_are_not() -> None:
    one = b"\x04\x02\x01a\x01x\x01b\x01y" + FOOTER
    assert same_content(one, b"\x04\x02\x01b\x01y\x01a\x01x" + FOOTER)
    assert not same_content(one, b"\x04\x02\x01a\x01y\x01b\x01x" + FOOTER)


@pytest.mark.parametrize("other", [b"\x00\x01b", b"\x01\x01a", b"\x00\x02aa"])
def test_other_bytes_are_other_content(other: bytes) -> None:
    assert not same_content(b"\x00\x01a" + FOOTER, other + FOOTER)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(members=MEMBERS)
def test_tables_written_in_two_orders_are_equal_on_a_real_server(
    redis: Redis, members: list[bytes]
) -> None:
    redis.flushall()
    for setting in redis.config_get("*-max-*-entries"):
        redis.config_set(str(setting), 0)
    for name, order in (("one", members), ("other", members[::-1])):
        for member in order:
            redis.sadd(f"set:{name}", member)
            redis.hset(f"hash:{name}", member, member[::-1])
    redis.hset("hash:changed", mapping={member: member[::-1] + b"!" for member in members})
    assert same_content(dump(redis, "set:one"), dump(redis, "set:other"))
    assert same_content(dump(redis, "hash:one"), dump(redis, "hash:other"))
    assert not same_content(dump(redis, "hash:one"), dump(redis, "hash:changed"))
