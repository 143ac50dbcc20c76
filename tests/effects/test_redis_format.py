"""A snapshot in a DUMP format that the server cannot read is refused with both named."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.abilities import refuse_unreadable_format
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.frames import Captured
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import SCOPE, restore, snapshots_in


@pytest.mark.parametrize(("snapshot", "server"), [(11, 10), (80, 11), (12, 80)])
def test_a_dump_format_that_the_server_cannot_read_is_refused_with_both_named(
    snapshot: int, server: int
) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_unreadable_format(snapshot, server, "127.0.0.1:6379")
    assert refused.value.code is Code.SNAPSHOT_FORMAT
    assert refused.value.failed == (
        f"The snapshot holds DUMP format {snapshot}; Redis at 127.0.0.1:6379 reads format {server}. "
        "Nothing was touched."
    )


@pytest.mark.parametrize(("snapshot", "server"), [(9, 10), (10, 10), (11, 80), (80, 80), (0, 9)])
def test_a_dump_format_of_the_same_age_or_older_is_read(snapshot: int, server: int) -> None:
    refuse_unreadable_format(snapshot, server, "127.0.0.1:6379")


def test_a_snapshot_of_a_newer_server_is_refused_before_anything_is_touched(
    redis: Redis, valkey: str, tmp_path: Path
) -> None:
    files = snapshots_in(tmp_path)
    record = Captured(
        key=b"anp:page:/products/1", expires_at=0, dump=b"\x00\x01x\xff\x00" + b"c" * 8
    )
    with files.writer("r1") as writer:
        writer.begin(stage="r1", patterns=SCOPE, server="future", dump_format=255)
        writer.append([record], {SCOPE[0]: 1})
        writer.seal()
    with pytest.raises(Refusal) as refused:
        restore(RedisKeyspace(valkey), files)
    assert refused.value.code is Code.SNAPSHOT_FORMAT
    assert redis.dbsize() == 0
