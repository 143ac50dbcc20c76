"""How keys get from their live names into the snapshot: staged, copied, made durable, unlinked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.abilities import Abilities, try_abilities
from bot.effects.keyspace.bites import Bites
from bot.effects.keyspace.capture import Capture
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.renaming import Renaming
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.walk import Walk
from bot.effects.keyspace.wanted import Wanted, wanted_by
from bot.effects.snapshots.frames import Captured, SetAside, records_in
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.pace import Tempo
from bot.release.refusal import Code, Refusal
from bot.release.waves import WHOLE
from tests.effects.keyspaces import BIG, hour_from_now, live, plant_many, snapshots_in

PATTERN = "anp:page:/products*"
PREFIX = b"~q:r1:"
NAMING = Naming("r1")
FULL = Tempo(budget_us=500, duty=1.0)


class Bench:
    """Everything a capture leans on, on one connection."""

    def __init__(
        self, link: RedisLink, writer: SnapshotWriter, found: Abilities, tempo: Tempo = FULL
    ) -> None:
        self.link, self.writer = link, writer
        self.renaming = Renaming(found, NAMING, link.place)
        self.bites, self.pacer = Bites(lambda: tempo), Pacer(lambda: tempo)

    def run(
        self, wanted: Wanted, between: Callable[[], None] = lambda: None
    ) -> tuple[int, Capture]:
        """Take a whole pass; return how many keys could not be staged."""
        with (
            Staging(self.link, self.writer, NAMING) as staging,
            Capture(self.link, self.renaming, staging, self.bites, self.pacer) as capture,
        ):
            again = capture.run(wanted, between)
        return again, capture


@pytest.fixture
def link(valkey: str) -> Iterator[RedisLink]:
    with RedisLink(valkey) as found:
        yield found


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[SnapshotWriter]:
    with snapshots_in(tmp_path).writer("r1") as found:
        found.begin(stage="r1", patterns=(PATTERN,), server="valkey", dump_format=80)
        yield found


def records(tmp_path: Path) -> list[Captured | SetAside]:
    reader = snapshots_in(tmp_path).reader("r1")
    return [record for batch in reader.batches() for record in batch]


@pytest.mark.parametrize("absolute", [True, False])
def test_keys_are_copied_with_their_expiry_and_large_ones_stay_staged(
    link: RedisLink, redis: Redis, writer: SnapshotWriter, tmp_path: Path, absolute: bool
) -> None:
    at = hour_from_now()
    redis.set("anp:a", "x", pxat=at)
    redis.set("anp:b", "y")
    redis.set("anp:big", BIG, pxat=at)
    redis.set("shop:a", "x")
    dumps = {key: redis.dump(key) for key in ("anp:a", "anp:b")}
    server = try_abilities(link)
    found = Abilities(
        server=server.server, dump_format=server.dump_format, absolute_expiry=absolute
    )
    again, _ = Bench(link, writer, found).run(wanted_by(("anp:*",)))
    assert again == 0
    assert sorted(redis.scan_iter()) == [b"shop:a", b"~q:r1:anp:big"]
    taken = {record.key: record for record in records(tmp_path)}
    assert {key: row.dump for key, row in taken.items() if isinstance(row, Captured)} == {
        b"anp:a": dumps["anp:a"],
        b"anp:b": dumps["anp:b"],
    }
    assert taken[b"anp:b"].expires_at == 0
    assert isinstance(taken[b"anp:big"], SetAside)
    # Before Redis 7.0 an expiry is computed from what is left of it: a few milliseconds off.
    slack = 0 if absolute else 100
    for key in (b"anp:a", b"anp:big"):
        assert abs(taken[key].expires_at - at) <= slack


def test_a_key_whose_staged_name_is_taken_stays_and_is_counted(
    link: RedisLink, redis: Redis, writer: SnapshotWriter
) -> None:
    redis.mset({"anp:a": "newer", "~q:r1:anp:a": "older"})
    again, _ = Bench(link, writer, try_abilities(link)).run(wanted_by(("anp:*",)))
    assert (again, writer.keys) == (1, 0)
    assert redis.mget("anp:a", "~q:r1:anp:a") == [b"newer", b"older"]


def test_a_key_that_only_the_server_matches_is_never_named(
    link: RedisLink, redis: Redis, writer: SnapshotWriter, valkey: str
) -> None:
    plant_many(redis, 3)
    redis.set("anp:page:/about", "stays")
    redis.config_resetstat()
    too_wide = Wanted(patterns=(PATTERN,), glob=b"anp:page:*")
    Bench(link, writer, try_abilities(link)).run(too_wide)
    assert writer.keys == 3
    assert set(live(valkey)) == {b"anp:page:/about"}
    # Three of the scope, and two of the server's trial on a name of our own.
    assert redis.info("commandstats")["cmdstat_renamenx"]["calls"] == 3 + 2


def test_keys_written_again_while_their_copies_are_staged_are_taken_as_well(
    link: RedisLink, redis: Redis, writer: SnapshotWriter
) -> None:
    plant_many(redis, 300)
    names = list(redis.scan_iter(PATTERN))
    bench = Bench(link, writer, try_abilities(link))
    with Staging(link, writer, NAMING) as staging:
        with Capture(link, bench.renaming, staging, bench.bites, bench.pacer) as capture:
            capture.run(wanted_by((PATTERN,)), lambda: None)
            redis.mset(dict.fromkeys(names, b"written again"))
            Walk(capture, staging, lambda: None, writer.count_run).take((PATTERN,), WHOLE)
        staging.make_durable()
    assert writer.keys == 600
    assert redis.dbsize() == 0


def test_a_tiny_budget_makes_small_requests_and_skips_nothing(
    link: RedisLink, redis: Redis, writer: SnapshotWriter, tmp_path: Path
) -> None:
    plant_many(redis, 500)
    tiny = Tempo(budget_us=1, duty=1.0)
    _, capture = Bench(link, writer, try_abilities(link), tiny).run(wanted_by((PATTERN,)))
    assert {row.key for row in records(tmp_path)} == {
        b"anp:page:/products/%d" % n for n in range(500)
    }
    assert redis.dbsize() == 0
    assert capture.requests > 500


def test_a_right_that_is_lost_in_the_middle_stops_and_loses_nothing(
    redis: Redis, writer: SnapshotWriter, valkey: str, tmp_path: Path
) -> None:
    plant_many(redis, 2_000)
    before = set(live(valkey))
    redis.acl_setuser("bot", enabled=True, nopass=True, keys=["*"], categories=["+@all"])
    try:
        with RedisLink(valkey.replace("redis://", "redis://bot:x@")) as link:
            bench = Bench(link, writer, try_abilities(link))

            def forbid() -> None:
                if len(list(redis.scan_iter("~q:*", count=5_000))) > 500:
                    redis.acl_setuser("bot", commands=["-dump"])

            with pytest.raises(Refusal) as refused:
                bench.run(wanted_by((PATTERN,)), forbid)
    finally:
        redis.acl_deluser("bot")
    assert refused.value.code is Code.REDIS_REFUSED
    assert "'dump'" in refused.value.failed
    staged = {key.removeprefix(PREFIX) for key in redis.scan_iter("~q:*")}
    held = {row.key for row in records(tmp_path)}
    assert held | staged | set(live(valkey)) == before


def test_frames_read_back_as_what_was_captured() -> None:
    row = Captured(key=b"k\r\n", expires_at=5, dump=b"\x00\r\n")
    assert list(records_in(row.frame())) == [row]
