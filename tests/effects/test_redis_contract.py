"""The fakes answer as the real keyspace and the real snapshots do."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.walk import PurgeProgress
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.plan import Group
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import SCOPE, hour_from_now, ignore, snapshots_in
from tests.fakes.redis_keyspace import FakeKeyspace
from tests.fakes.snapshot_files import FakeSnapshots


class Place:
    """A keyspace, real or fake, and a way to write and read its keys."""

    def __init__(self, client: Redis | None, url: str) -> None:
        self._client = client
        self._fake = FakeKeyspace()
        self.keyspace = RedisKeyspace(url) if client else self._fake

    def put(self, name: str, value: str, expires_at: int = 0) -> None:
        if self._client is None:
            self._fake.put(name, value, expires_at)
        else:
            self._client.set(name, value, pxat=expires_at or None)

    def names(self) -> list[bytes]:
        return sorted(self._client.scan_iter("*") if self._client else self._fake.keys)


@pytest.fixture(params=["real", "fake"])
def place(request: pytest.FixtureRequest, redis: Redis, valkey: str) -> Place:
    found = Place(redis if request.param == "real" else None, valkey)
    at = hour_from_now() * 2
    for number in range(30):
        found.put(f"anp:page:/products/{number}", f"page {number}", at if number % 2 else 0)
    found.put("anp:page:/products-sale", "a neighbour")
    found.put("anp:fragment:products:top", "fragment")
    found.put("anp:page:/about", "stays")
    return found


def test_a_count_is_the_same(place: Place) -> None:
    (pages, fragments), database = place.keyspace.count(SCOPE, sample=3)
    assert (pages.pattern, pages.keys, fragments.keys, database) == (SCOPE[0], 31, 1, 33)
    assert pages.neighbours == ("anp:page:/products-sale",)
    assert (pages.ttl.no_expiry, pages.ttl.longer) == (16, 15)
    assert len(pages.sample) == 3
    assert fragments.sample == ("anp:fragment:products:top",)
    assert pages.bytes > 0


def test_a_preview_is_the_same(place: Place) -> None:
    place.put("anp:page:/products/session:1", "no cache")
    found = place.keyspace.preview(SCOPE, others={"sale": ("anp:page:/products-*",)}, sample=3)
    pages, fragments = found.patterns
    assert (pages.keys, pages.measured, pages.bytes_error, found.database_keys) == (32, 32, 0, 34)
    assert (fragments.keys, fragments.overlaps, fragments.alike) == (1, (), ())
    assert pages.overlaps == (Group(name="sale", keys=1),)
    assert pages.alike == (Group(name="anp:page:/products/session", keys=1),)
    assert pages.parts == (
        Group(name="anp:page:/products/#", keys=30),
        Group(name="anp:page:/products-sale", keys=1),
        Group(name="anp:page:/products/session", keys=1),
    )
    assert pages.types == (Group(name="string", keys=32),)
    assert len(pages.biggest) == 5
    assert found.source == ""
    assert found.forecast is not None
    assert (found.forecast.keys, found.forecast.bytes) == (33, pages.bytes + fragments.bytes)


@pytest.fixture(params=["folders", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotFiles | FakeSnapshots:
    return snapshots_in(tmp_path) if request.param == "folders" else FakeSnapshots()


def test_a_purge_a_restore_and_a_comparison_are_the_same(
    place: Place, files: SnapshotFiles | FakeSnapshots
) -> None:
    told: list[PurgeProgress] = []
    before = place.names()
    with files.writer("r1") as writer:
        taken = place.keyspace.purge(SCOPE, writer, stage="r1", on_batch=told.append)
    assert (taken.taken, taken.quarantined, told[-1].done) == (32, 0, 32)
    assert taken.bytes == told[-1].bytes > 0
    assert place.names() == [b"anp:page:/about"]
    place.put("anp:page:/products/1", "fresher")
    back = place.keyspace.restore(files.reader("r1"), on_batch=ignore)
    assert (back.restored, back.kept_fresher, back.expired, back.failed) == (31, 1, 0, 0)
    found = place.keyspace.verify(files.reader("r1"), on_batch=ignore)
    assert (found.equal, found.different, found.fresher) == (31, 1, 1)
    assert (found.missing, found.expired) == (0, 0)
    assert place.names() == before


def test_a_purge_that_is_over_is_only_reported(
    place: Place, files: SnapshotFiles | FakeSnapshots
) -> None:
    for _ in range(2):
        with files.writer("r1") as writer:
            taken = place.keyspace.purge(SCOPE, writer, stage="r1", on_batch=ignore)
        assert taken.taken == 32
        place.put("anp:page:/products/1", "written again")
    assert b"anp:page:/products/1" in place.names()


def test_a_snapshot_is_listed_proven_and_deleted(
    place: Place, files: SnapshotFiles | FakeSnapshots
) -> None:
    with files.writer("r1") as writer:
        place.keyspace.purge(SCOPE, writer, stage="r1", on_batch=ignore)
    proof = files.prove("r1")
    assert (proof.keys, proof.bytes > 0, proof.problem, files.ids()) == (32, True, None, ("r1",))
    files.delete("r1")
    assert files.ids() == ()
    assert str(files.prove("r1").problem).startswith("There is no snapshot r1")
    with pytest.raises(Refusal) as refused:
        files.reader("r1")
    assert refused.value.code is Code.SNAPSHOT_EXPIRED


def test_a_pattern_outside_the_grammar_is_refused(place: Place) -> None:
    with pytest.raises(Refusal) as refused:
        place.keyspace.count(["*"])
    assert refused.value.code is Code.SCOPE_INVALID
