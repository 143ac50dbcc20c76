"""The whole way of a release and its rollback, as the least-privilege user, key by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from tests.effects.conftest import Servers
from tests.effects.keyspaces import (
    live,
    plant_every_kind,
    plant_many,
    purge,
    restore,
    snapshots_in,
    staged,
    verify,
)
from tests.effects.rights import make_user
from tests.effects.servers import binaries

STRINGS = 7_000


@pytest.fixture(params=sorted(set(binaries()) - {"redis-6"}))
def valkey(request: pytest.FixtureRequest, servers: Servers) -> str:
    """Each server that can say to the millisecond when a key expires."""
    return servers.empty(request.param).url


def test_after_a_release_and_its_rollback_every_key_is_as_it_was_but_the_fresher_one(
    redis: Redis, valkey: str, tmp_path: Path
) -> None:
    planted = plant_every_kind(redis, strings=STRINGS)
    plant_many(redis, 5_000, prefix="anp:page:/other/more/")
    before = live(valkey)
    keyspace = RedisKeyspace(make_user(redis, valkey))
    files = snapshots_in(tmp_path)

    taken = purge(keyspace, files, "r1-purge")
    assert (taken.taken, taken.quarantined) == (planted, 1)
    assert len(live(valkey)) == len(before) - planted

    redis.set("anp:page:/products/new", "written by the new release")
    redis.set("anp:page:/products/1", "poisoned by the new release")
    forward = purge(keyspace, files, "r1-forward")
    assert (forward.taken, forward.quarantined) == (2, 0)

    redis.set("anp:page:/products/2", "fresher, by the old app")
    fresher = live(valkey)[b"anp:page:/products/2"]
    back = restore(keyspace, files, "r1-purge")
    assert (back.restored, back.kept_fresher, back.failed, back.errors) == (planted - 1, 1, 0, ())
    found = verify(keyspace, files, "r1-purge")
    assert (found.equal, found.different, found.fresher, found.missing) == (planted - 1, 1, 1, 0)

    assert live(valkey) == {**before, b"anp:page:/products/2": fresher}
    assert staged(redis) == []
