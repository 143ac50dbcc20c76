"""One slice takes what it says it takes, by scripts and without them alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.redis_abilities import try_abilities
from bot.effects.redis_capture import Walk
from bot.effects.redis_connect import RedisLink
from bot.effects.redis_slices import START, ScriptSlicer, Slice, Slicer
from bot.effects.redis_slices_plain import PlainSlicer
from bot.effects.redis_staging import Staging
from bot.effects.redis_wanted import Wanted, wanted_by
from bot.effects.snapshot_frames import Captured
from bot.effects.snapshot_writer import SnapshotWriter
from bot.release.waves import WHOLE
from tests.effects.keyspaces import BIG, hour_from_now, ignore, live, plant_many, snapshots_in

PATTERN = "anp:page:/products*"
PREFIX = b"~q:r1:"
TOO_WIDE = Wanted(patterns=(PATTERN,), glob=b"anp:page:*")


def cut_once(slicer: Slicer, cursor: bytes, durable: Sequence[bytes] = ()) -> Slice:
    slicer.send(cursor, wanted_by(("anp:*",)), durable)
    return slicer.receive()


@pytest.fixture
def link(valkey: str) -> Iterator[RedisLink]:
    with RedisLink(valkey) as found:
        yield found


@pytest.fixture(params=["scripts", "plain"])
def slicer(request: pytest.FixtureRequest, link: RedisLink) -> Slicer:
    found = try_abilities(link)
    if request.param == "plain":
        return PlainSlicer(link, found, PREFIX)
    return ScriptSlicer(link, found, PREFIX, budget_us=500)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[SnapshotWriter]:
    with snapshots_in(tmp_path).writer("r1") as found:
        found.begin(stage="r1", patterns=(PATTERN,), server="valkey", dump_format=80)
        yield found


def test_a_slice_copies_and_renames_and_unlinks_what_is_durable(
    slicer: Slicer, redis: Redis
) -> None:
    at = hour_from_now()
    redis.set("anp:a", "x", pxat=at)
    redis.set("anp:big", BIG, pxat=at)
    redis.mset({"~q:r1:anp:old": "x", "shop:a": "x"})
    dump = redis.dump("anp:a")
    assert dump is not None
    cut = cut_once(slicer, START, [b"anp:old"])
    assert (cut.done, cut.unlinked, cut.again, cut.wrong) == (True, 1, 0, None)
    assert cut.taken == (Captured(key=b"anp:a", expires_at=at, dump=dump),)
    assert [(row.key, row.staged, row.expires_at) for row in cut.aside] == [
        (b"anp:big", b"~q:r1:anp:big", at)
    ]
    assert sorted(redis.scan_iter()) == [b"shop:a", b"~q:r1:anp:a", b"~q:r1:anp:big"]


def test_a_key_whose_staged_name_is_taken_stays_and_is_counted(
    slicer: Slicer, redis: Redis
) -> None:
    redis.mset({"anp:a": "newer", "~q:r1:anp:a": "older"})
    cut = cut_once(slicer, START)
    assert (cut.taken, cut.again) == ((), 1)
    assert redis.mget("anp:a", "~q:r1:anp:a") == [b"newer", b"older"]


def test_a_key_that_our_own_matcher_does_not_know_is_put_back(
    slicer: Slicer, link: RedisLink, redis: Redis, writer: SnapshotWriter, valkey: str
) -> None:
    plant_many(redis, 3)
    redis.set("anp:page:/about", "stays")
    redis.set("anp:page:/large", BIG)
    before = live(valkey)
    with Staging(link, slicer, writer, PREFIX) as staging:
        staging.send(START, TOO_WIDE)
        staging.receive()
    assert staging.strangers == 2
    assert writer.keys == 3
    outside = (b"anp:page:/about", b"anp:page:/large")
    assert live(valkey) == {key: before[key] for key in outside}
    assert list(redis.scan_iter("~q:*")) == []


def test_keys_written_again_while_their_copies_are_staged_are_taken_as_well(
    slicer: Slicer, link: RedisLink, redis: Redis, writer: SnapshotWriter
) -> None:
    plant_many(redis, 300)
    names = list(redis.scan_iter(PATTERN))
    with Staging(link, slicer, writer, PREFIX) as staging:
        walk = Walk(staging, writer, duty=1.0, on_batch=ignore)
        cursor, done = START, False
        while not done:
            staging.send(cursor, wanted_by((PATTERN,)))
            cut = staging.receive()
            cursor, done = cut.cursor, cut.done
        staging.make_durable()
        redis.mset(dict.fromkeys(names, b"written again"))
        walk.take((PATTERN,), WHOLE)
    assert writer.keys == 600
    assert redis.dbsize() == 0


def test_a_slice_over_its_budget_ends_in_the_middle_and_nothing_is_skipped(
    link: RedisLink, redis: Redis
) -> None:
    plant_many(redis, 500)
    slicer = ScriptSlicer(link, try_abilities(link), PREFIX, budget_us=1)
    cursor, slices, taken = START, 0, set[bytes]()
    while True:
        cut = cut_once(slicer, cursor)
        cursor, slices = cut.cursor, slices + 1
        taken |= {record.key for record in cut.taken}
        if cut.done:
            break
    assert len(taken) == 500
    assert slices >= 100
    assert list(redis.scan_iter("anp:*")) == []


def test_a_server_that_forgot_the_script_is_told_it_again(link: RedisLink, redis: Redis) -> None:
    plant_many(redis, 5)
    slicer = ScriptSlicer(link, try_abilities(link), PREFIX, budget_us=500)
    redis.script_flush()
    assert len(cut_once(slicer, START).taken) == 5
