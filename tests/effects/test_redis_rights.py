"""The documented user has what is needed and no more, and a right that is missing is named before anything is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.release.refusal import Code, Refusal
from tests.effects.conftest import Servers
from tests.effects.keyspaces import SCOPE, plant_many, purge, restore, snapshots_in, staged, verify
from tests.effects.rights import documented_rights, make_user
from tests.effects.servers import Server, binaries
from tests.effects.test_redis_servers import READS, differing, seen, slack_of, write

SPARED = ("+info", "+type", "+ping")
COUNTING = "+strlen +hlen +llen +scard +zcard +xlen"
PAIRS = [(name, right) for name in sorted(binaries()) for right in documented_rights()]


def needed(name: str, right: str) -> bool:
    return right not in SPARED and not (name == "redis-6" and right == "+pexpiretime")


@pytest.mark.parametrize(("name", "right"), [pair for pair in PAIRS if needed(*pair)])
def test_a_right_that_is_missing_is_named_before_anything_is_taken(
    servers: Servers, name: str, right: str, tmp_path: Path
) -> None:
    server = servers.empty(name)
    with Redis.from_url(server.url) as client:
        plant_many(client, 20)
        keyspace = RedisKeyspace(make_user(client, server.url, without=(right,)))
        before = seen(server.url)
        with pytest.raises(Refusal) as refused:
            purge(keyspace, snapshots_in(tmp_path))
        assert (
            differing(
                {key: row for key, row in seen(server.url).items() if not key.startswith(b"~q:")},
                before,
                slack_of(server),
            )
            == {}
        )
    assert (refused.value.code, refused.value.retry_is_safe) == (Code.REDIS_REFUSED, True)
    # Redis 6.2 does not say which part of a command it means.
    named = right.partition("|")[0] if name == "redis-6" else right
    assert refused.value.expected == (
        f"the right {named} for the bot's user; the docs' ACL line holds all it needs."
    )


@pytest.mark.parametrize(
    ("missing", "more", "said"),
    [
        (
            ("+memory|usage",),
            COUNTING,
            "; without MEMORY USAGE: sizes from STRLEN and the number of members",
        ),
        (("+info",), "", "; without INFO: no look at the memory before a restore"),
    ],
)
def test_a_server_that_allows_less_is_worked_on_all_the_same(
    server: Server, missing: tuple[str, ...], more: str, said: str, tmp_path: Path
) -> None:
    with Redis.from_url(server.url) as client:
        for kind in READS:
            write(
                client,
                b"anp:page:/products/" + kind.encode(),
                kind,
                100 if kind != "string" else b"x",
            )
        write(client, b"anp:fragment:products:wide", "hash", 5_000)
        write(client, b"anp:other", "string", b"stays")
        before = seen(server.url)
        keyspace = RedisKeyspace(make_user(client, server.url, without=missing, more=more))
        files = snapshots_in(tmp_path)
        told = keyspace.describe()
        assert said in told
        assert told.startswith("unknown server" if "+info" in missing else server.name[:5])
        assert sum(row.keys for row in keyspace.count(SCOPE)[0]) == 7
        taken = purge(keyspace, files)
        assert (taken.taken, taken.quarantined) == (7, 1 if more else 0)
        assert set(seen(server.url)) - set(staged(client)) == {b"anp:other"}
        assert restore(keyspace, files).restored == 7
        assert verify(keyspace, files).equal == 7
        assert differing(seen(server.url), before, slack_of(server)) == {}
        assert staged(client) == []


def test_nothing_but_the_documented_rights_is_used(server: Server, tmp_path: Path) -> None:
    with Redis.from_url(server.url) as client:
        plant_many(client, 300)
        before = seen(server.url)
        keyspace = RedisKeyspace(make_user(client, server.url))
        files = snapshots_in(tmp_path)
        copied = keyspace.copy_sample(SCOPE, "0123456789ab")
        assert purge(keyspace, files, "drill", (copied.pattern,)).taken == copied.keys == 200
        assert restore(keyspace, files, "drill").restored == 200
        assert verify(keyspace, files, "drill").equal == 200
        keyspace.drop_copies(copied)
        assert differing(seen(server.url), before, slack_of(server)) == {}
        assert sum(row.keys for row in keyspace.count(SCOPE)[0]) == 300
        assert purge(keyspace, files).taken == 300
        assert restore(keyspace, files).restored == 300
        assert differing(seen(server.url), before, slack_of(server)) == {}
