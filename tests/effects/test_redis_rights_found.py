"""The security report's look at a Redis user: each right that it has, lacks, and need not have."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.effects.keyspace.rights import find_rights
from tests.effects.rights import documented_rights, make_user

GENERATIONS = "+get +set +watch +multi +exec"
REQUIRED = ("restore", "dump", "scan", "exists", "pttl", "renamenx", "unlink", "dbsize", "time")
USEFUL = ("pexpiretime", "memory|usage", "type", "ping", "info")


def test_the_documented_user_has_what_is_needed_and_no_more(valkey: str, redis: Redis) -> None:
    found = find_rights(make_user(redis, valkey), generations=False)
    assert (found.missing, found.useful, found.excess) == ((), (), ())
    assert set(found.present) == {right[1:] for right in documented_rights()}
    more = find_rights(make_user(redis, valkey, more=GENERATIONS), generations=True)
    assert (more.missing, more.excess) == ((), ())
    assert redis.keys("*") == []


@pytest.mark.parametrize("right", [*REQUIRED, *USEFUL])
def test_each_right_that_is_missing_is_found(valkey: str, redis: Redis, right: str) -> None:
    found = find_rights(make_user(redis, valkey, without=(f"+{right}",)), generations=False)
    assert found.missing == ((right,) if right in REQUIRED else ())
    assert found.useful == ((right,) if right in USEFUL else ())
    assert right not in found.present


def test_routes_with_generations_need_more(valkey: str, redis: Redis) -> None:
    found = find_rights(make_user(redis, valkey), generations=True)
    assert found.missing == ("get", "set", "watch", "multi", "exec")


def test_a_user_that_may_do_everything_is_found_to_have_too_much(valkey: str, redis: Redis) -> None:
    found = find_rights(valkey, generations=True)
    assert (found.user, found.missing) == ("default", ())
    assert found.excess == ("config", "eval", "keys outside its own (~*)")
    assert redis.keys("*") == []
