"""A purge, its undo and all around them, on a real cluster of three primaries."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.effects.keyspace.naming import slot_of
from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.walk import PurgeProgress
from bot.effects.snapshots.files import SnapshotFiles
from bot.release.refusal import Code, Refusal
from bot.release.waves import waves_of
from tests.effects.cluster import Cluster, cluster_in
from tests.effects.conftest import valkey_binary
from tests.effects.keyspaces import (
    BIG,
    SCOPE,
    hour_from_now,
    ignore,
    purge,
    restore,
    snapshots_in,
    verify,
)
from tests.effects.test_redis_replay import programs

TREE = Path(__file__).parents[2]
ODD = [
    b"{}x",
    b"ab}c",
    b"{a}b",
    b"}{",
    b"a b",
    b"n\nl",
    b"\xff\x00",
    b"{a",
    b"it's",
    b"{}",
    b"{{a}}",
]
Picture = dict[bytes, tuple[bytes, int]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_in(tmp_path_factory.mktemp("cluster"), valkey_binary()) as found:
        yield found


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    running.flush()
    return running


@pytest.fixture
def keyspace(cluster: Cluster) -> RedisKeyspace:
    return RedisKeyspace(cluster.url)


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path / "snapshots")


def plant(cluster: Cluster, keys: int) -> Picture:
    """Write keys into the scope, half of them with an expiry, and a tenth as many beside it."""
    names = [b"anp:page:/products/%d" % n for n in range(keys)]
    names += [b"anp:fragment:products:" + odd for odd in ODD]
    values = {name: b"value of " + name * 5 for name in names}
    expiries = {name: hour_from_now() + n for n, name in enumerate(names) if n % 2}
    values |= {b"anp:page:/about/%d" % n: b"beside" for n in range(keys // 10)}
    cluster.write(values, expiries)
    return cluster.picture()


def in_scope(before: Picture) -> Picture:
    return {key: row for key, row in before.items() if not key.startswith(b"anp:page:/about")}


def outside(before: Picture) -> Picture:
    return {key: row for key, row in before.items() if key.startswith(b"anp:page:/about")}


def test_the_doctor_names_the_cluster(keyspace: RedisKeyspace) -> None:
    assert keyspace.describe().startswith("cluster of 3 primaries, valkey ")


def test_a_purge_takes_the_scope_of_every_node_and_a_rollback_puts_it_back(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    before = plant(cluster, 5_000)
    counts, total = keyspace.count(SCOPE)
    assert [row.keys for row in counts] == [5_000, len(ODD)]
    assert total == len(before)
    outcome = purge(keyspace, files)
    assert (outcome.taken, outcome.quarantined) == (5_000 + len(ODD), 0)
    assert cluster.picture() == outside(before)
    assert files.reader("r1").sealed
    assert restore(keyspace, files).restored == outcome.taken
    found = verify(keyspace, files)
    assert (found.equal, found.different, found.missing) == (outcome.taken, 0, 0)
    assert cluster.picture() == before


def test_waves_drops_large_keys_and_drills_work_on_every_node(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    big = b"anp:page:/products/big"
    cluster.write({big: BIG})
    before = plant(cluster, 1_000)
    copied = keyspace.copy_sample(SCOPE, "0" * 12)
    assert copied.keys > 0
    keyspace.drop_copies(copied)
    assert cluster.picture() == before
    first, last = waves_of((10, 100))
    assert 0 < purge(keyspace, files, wave=first).taken < 1_000
    taken = purge(keyspace, files, wave=last)
    assert (taken.taken, taken.quarantined) == (1_001 + len(ODD), 1)
    staged = [key for key in cluster.picture() if key.startswith(b"~q:r1:")]
    assert [slot_of(name) for name in staged] == [slot_of(big)]
    assert restore(keyspace, files).restored == taken.taken
    assert cluster.picture() == before
    assert keyspace.drop(SCOPE, on_batch=ignore) == taken.taken
    assert cluster.picture() == outside(before)


KEYS = st.lists(
    st.tuples(
        st.sampled_from([b"anp:page:/products", b"anp:fragment:products:", b"other:", b"{a}:"]),
        st.lists(st.sampled_from([b"{", b"}", b"a", b":", b"\n", b"\x00"]), max_size=6).map(
            b"".join
        ),
    ).map(b"".join),
    min_size=1,
    max_size=30,
    unique=True,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=KEYS)
def test_whatever_the_names_a_rollback_gives_back_what_was(
    cluster: Cluster, keyspace: RedisKeyspace, names: list[bytes]
) -> None:
    cluster.flush()
    cluster.write(dict.fromkeys(names, b"x"))
    before = cluster.picture()
    with tempfile.TemporaryDirectory() as folder:
        files = snapshots_in(Path(folder))
        purge(keyspace, files)
        left = cluster.picture()
        assert left.items() <= before.items()
        assert not [key for key in left if key.startswith((b"anp:page:", b"anp:fragment:"))]
        restore(keyspace, files)
    assert cluster.picture() == before


def test_a_purge_that_is_stopped_goes_on_later(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    before = plant(cluster, 9_000)

    def stop(batch: PurgeProgress) -> None:
        if batch.done:
            raise InterruptedError

    with pytest.raises(InterruptedError), files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=stop)
    there = cluster.picture()
    assert not [key for key in there if key.startswith(b"~q:")]
    assert there.items() <= before.items()
    assert purge(keyspace, files).taken == 9_000 + len(ODD)
    assert restore(keyspace, files).restored == 9_000 + len(ODD)
    assert cluster.picture() == before


def test_the_shell_line_on_the_card_brings_every_key_back(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles, tmp_path: Path
) -> None:
    cluster.write({b"anp:page:/products/big": BIG})
    before = plant(cluster, 1_000)
    purge(keyspace, files)
    path = f"{programs(tmp_path / 'programs')}:/usr/bin:/bin"
    line = files.command("r1", cluster.url)
    subprocess.run(["sh", "-c", line], check=False, env={"PATH": path}, timeout=60)
    assert cluster.picture() == before


@pytest.mark.fault
def test_a_killed_purge_loses_nothing_and_can_be_restored_at_once(
    cluster: Cluster, keyspace: RedisKeyspace, tmp_path: Path
) -> None:
    before = plant(cluster, 9_000)
    words = [sys.executable, "-m", "tests.effects.purging_child", cluster.url, str(tmp_path)]
    child = subprocess.Popen([*words, "purge", "before-3"], cwd=TREE)
    assert child.wait(timeout=60) == -signal.SIGKILL
    files = snapshots_in(tmp_path)
    outcome = restore(keyspace, files)
    assert (outcome.kept_fresher, outcome.failed) == (0, 0)
    assert cluster.picture() == before


def test_slots_that_moved_since_are_followed(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    before = plant(cluster, 2_000)
    purge(keyspace, files)
    first, *_, last = cluster.ports
    slots = {slot_of(key) for key in in_scope(before)}
    moved = [slot for slot in sorted(slots) if slot < 300]
    for slot in moved:
        cluster.move_slot(slot, last)
    try:
        assert restore(keyspace, files).restored == 2_000 + len(ODD)
        assert cluster.picture() == before
    finally:
        for slot in moved:
            cluster.move_slot(slot, first)


def test_slots_that_move_during_a_purge_lose_nothing(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    before = plant(cluster, 6_000)
    first, *_, last = cluster.ports
    slots = [slot for slot in sorted({slot_of(key) for key in in_scope(before)}) if slot < 200]
    moved: list[int] = []

    def move(batch: PurgeProgress) -> None:
        if batch.done and not moved:
            for slot in slots:
                cluster.move_slot(slot, last)
                moved.append(slot)

    try:
        refused = _refusal_of_purge(keyspace, files, move)
        assert refused is None or refused.retry_is_safe
        assert moved
        purge(keyspace, files)
        assert cluster.picture() == outside(before)
        assert restore(keyspace, files).restored == 6_000 + len(ODD)
        assert cluster.picture() == before
    finally:
        for slot in moved:
            cluster.move_slot(slot, first)


def test_a_slot_between_two_nodes_is_said_and_a_retry_takes_its_keys(
    cluster: Cluster, keyspace: RedisKeyspace, files: SnapshotFiles
) -> None:
    before = plant(cluster, 500)
    first, *_, last = cluster.ports
    slot = min(slot_of(key) for key in in_scope(before) if cluster.owner(key) == first)
    cluster.begin_to_move(slot, last)
    try:
        refused = _refusal_of_purge(keyspace, files, ignore)
        assert refused is not None
        assert refused.code is Code.REDIS_UNREACHABLE
        assert refused.retry_is_safe
        cluster.move_slot(slot, last)
        assert purge(keyspace, files).taken == 500 + len(ODD)
        assert restore(keyspace, files).restored == 500 + len(ODD)
        assert cluster.picture() == before
    finally:
        cluster.move_slot(slot, first)


def _refusal_of_purge(
    keyspace: RedisKeyspace, files: SnapshotFiles, on_batch: Callable[[PurgeProgress], None]
) -> Refusal | None:
    """A slot that moves under a staged key is a Refusal; between two keys it is followed without a word."""
    try:
        with files.writer("r1") as writer:
            keyspace.purge(SCOPE, writer, stage="r1", on_batch=on_batch)
    except Refusal as refusal:
        return refusal
    return None


def test_a_node_that_dies_is_said_before_and_in_the_middle(tmp_path: Path) -> None:
    files = snapshots_in(tmp_path / "snapshots")
    with cluster_in(tmp_path / "nodes", valkey_binary()) as cluster:
        plant(cluster, 9_000)
        keyspace = RedisKeyspace(cluster.url)
        killed: list[int] = []

        def kill(batch: PurgeProgress) -> None:
            if batch.done and not killed:
                killed.append(cluster.ports[1])
                cluster.kill(cluster.ports[1])

        with pytest.raises(Refusal) as refused, files.writer("r1") as writer:
            keyspace.purge(SCOPE, writer, stage="r1", on_batch=kill)
        assert killed
        assert refused.value.code is Code.REDIS_UNREACHABLE
        assert refused.value.retry_is_safe
        with pytest.raises(Refusal) as again:
            keyspace.verify(files.reader("r1"), on_batch=ignore)
        assert again.value.code is Code.REDIS_UNREACHABLE
