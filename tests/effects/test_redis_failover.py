"""A primary that dies in the middle of a purge: said, resumed on the promoted replica, and nothing is lost."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.frames import Captured
from bot.release.refusal import Code, Refusal
from tests.effects.conftest import free_port, start_server
from tests.effects.forwarder import Forwarder
from tests.effects.keyspaces import SCOPE, plant_many, purge, restore, snapshots_in, staged
from tests.effects.servers import binaries

pytestmark = pytest.mark.fault

KEYS = 12_000
BESIDE = 500
WAIT_S = 10.0


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@dataclass
class Pair:
    """A primary and its replica, and the one address that the bot knows."""

    primary: subprocess.Popen[bytes]
    first: str
    second: str
    door: Forwarder

    def fail_over(self) -> None:
        self.primary.kill()
        self.primary.wait()
        with Redis.from_url(self.second) as client:
            client.execute_command("REPLICAOF", "NO", "ONE")
        self.door.move(int(self.second.rpartition(":")[2].partition("/")[0]))


@pytest.fixture(params=sorted({"redis-7", "valkey-9"} & set(binaries())))
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Two servers that hold the same keys, one of them the other's replica."""
    binary, ports = binaries()[request.param], (free_port(), free_port())
    folders = (tmp_path / "first", tmp_path / "second")
    for folder in folders:
        folder.mkdir()
    first, second = (
        start_server(binary, folder, port) for folder, port in zip(folders, ports, strict=True)
    )
    urls = [f"redis://127.0.0.1:{port}/0" for port in ports]
    door = Forwarder(ports[0])
    with Redis.from_url(urls[0]) as client, Redis.from_url(urls[1]) as replica:
        client.config_set("repl-diskless-sync-delay", 0)
        plant_many(client, KEYS)
        plant_many(client, BESIDE, prefix="anp:page:/other/")
        replica.execute_command("REPLICAOF", "127.0.0.1", ports[0])
        wait_until("the replica has every key", lambda: int(replica.dbsize()) == KEYS + BESIDE)
        wait_until(
            "the link is up", lambda: replica.info("replication")["master_link_status"] == "up"
        )
    yield Pair(first, urls[0], urls[1], door)
    door.close()
    for process in (first, second):
        process.kill()
        process.wait()


def captured(files: SnapshotFiles) -> set[bytes]:
    batches = files.reader("r1").batches()
    return {row.key for batch in batches for row in batch if isinstance(row, Captured)}


def names(url: str) -> set[bytes]:
    with Redis.from_url(url) as client:
        return set(client.scan_iter(count=1000))


def test_a_failover_in_the_middle_of_a_purge_is_said_and_the_retry_loses_nothing(
    pair: Pair, tmp_path: Path
) -> None:
    before = contents(pair.first)
    keyspace = RedisKeyspace(pair.door.url)
    files = snapshots_in(tmp_path / "snapshots")
    told: list[object] = []

    def fail_over_once(batch: object) -> None:
        told.append(batch)
        if len(told) == 2:
            pair.fail_over()

    with pytest.raises(Refusal) as refused, files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=fail_over_once)
    assert (refused.value.code, refused.value.retry_is_safe) == (Code.REDIS_UNREACHABLE, True)
    assert "a retry goes on from there" in refused.value.expected

    in_snapshot = captured(files)
    left = {name.removeprefix(b"~q:r1:") for name in names(pair.second)}
    assert 0 < len(in_snapshot) < KEYS
    assert in_snapshot | left == set(before)

    assert purge(keyspace, files).taken >= KEYS
    inside = {key for key in before if key.startswith(b"anp:page:/products")}
    assert captured(files) == inside
    assert names(pair.second) == set(before) - inside
    with Redis.from_url(pair.second) as client:
        assert staged(client) == []

    back = restore(keyspace, files)
    assert (back.restored, back.kept_fresher, back.failed) == (KEYS, 0, 0)
    assert contents(pair.second) == before


def contents(url: str) -> dict[bytes, bytes | None]:
    with Redis.from_url(url) as client:
        found = sorted(client.scan_iter(count=1000))
        return dict(zip(found, client.mget(found), strict=True))
