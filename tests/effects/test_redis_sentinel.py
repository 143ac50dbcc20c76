"""The primary dies in the middle of a purge, a Sentinel promotes the replica, and the same address goes on."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from bot.effects.keyspace.topology import primary_of
from bot.effects.keyspace.walk import PurgeProgress
from bot.effects.snapshots.frames import Captured
from bot.release.refusal import Code, Refusal
from tests.effects.conftest import free_port, start_server, valkey_binary
from tests.effects.keyspaces import SCOPE, plant_many, purge, restore, snapshots_in, staged
from tests.effects.test_redis_replay import programs

pytestmark = pytest.mark.fault

KEYS = 12_000
WAIT_S = 40.0


def wait_until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@dataclass
class Watched:
    """A primary, its replica, and a Sentinel that watches them."""

    primary: subprocess.Popen[bytes]
    first: int
    second: int
    sentinel: int

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.sentinel}/mymaster/0"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    ports = [free_port() for _ in range(3)]
    folders = [tmp_path / name for name in ("first", "second", "sentinel")]
    for folder in folders:
        folder.mkdir()
    first, second, sentinel = ports
    conf = folders[2] / "sentinel.conf"
    conf.write_text(
        f"port {sentinel}\nbind 127.0.0.1\ndir {folders[2]}\n"
        f"sentinel monitor mymaster 127.0.0.1 {first} 1\n"
        "sentinel down-after-milliseconds mymaster 500\nsentinel failover-timeout mymaster 3000\n"
    )
    processes = [start_server(valkey_binary(), folders[0], first)]
    processes.append(start_server(valkey_binary(), folders[1], second))
    try:
        with Redis(port=first) as primary, Redis(port=second) as replica:
            primary.config_set("repl-diskless-sync-delay", 0)
            replica.replicaof("127.0.0.1", first)
            wait_until(
                "the replica", lambda: replica.info("replication")["master_link_status"] == "up"
            )
        words = [str(valkey_binary()), str(conf), "--sentinel"]
        processes.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        yield Watched(primary=processes[0], first=first, second=second, sentinel=sentinel)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_the_same_address_goes_on_with_the_promoted_replica(
    watched: Watched, tmp_path: Path
) -> None:
    files = snapshots_in(tmp_path / "snapshots")
    with Redis(port=watched.first) as primary, Redis(port=watched.second) as replica:
        plant_many(primary, KEYS)
        wait_until("the keys", lambda: replica.dbsize() == KEYS)
        before = {key: primary.dump(key) for key in primary.scan_iter(count=2_000)}
    wait_until("the Sentinel", lambda: _knows_the_replica(watched))
    assert primary_of(watched.url) == f"redis://127.0.0.1:{watched.first}/0"
    keyspace, killed = RedisKeyspace(watched.url), list[bool]()

    def kill(batch: PurgeProgress) -> None:
        if batch.done and not killed:
            killed.append(True)
            watched.primary.kill()
            watched.primary.wait()

    with pytest.raises(Refusal) as refused, files.writer("r1") as writer:
        keyspace.purge(SCOPE, writer, stage="r1", on_batch=kill)
    assert refused.value.code is Code.REDIS_UNREACHABLE
    assert refused.value.retry_is_safe
    wait_until("the promotion", lambda: _named(watched) == f"redis://127.0.0.1:{watched.second}/0")
    with Redis(port=watched.second) as client:
        wait_until("the new primary", lambda: client.info("replication")["role"] == "master")
        purge(keyspace, files)
        assert list(client.scan_iter("anp:*")) == []
        assert staged(client) == []
        held = {
            row.key: row.dump
            for batch in files.reader("r1").batches()
            for row in batch
            if isinstance(row, Captured)
        }
        assert held == before
        line = files.command("r1", watched.url)
        path = f"{programs(tmp_path / 'programs')}:/usr/bin:/bin"
        subprocess.run(["sh", "-c", line], check=True, env={"PATH": path}, timeout=60)
        assert {key: client.dump(key) for key in client.scan_iter(count=2_000)} == before
        assert restore(keyspace, files).restored == KEYS
        assert {key: client.dump(key) for key in client.scan_iter(count=2_000)} == before


def _named(watched: Watched) -> str:
    """Return the primary's address, empty while the Sentinel has none to name."""
    try:
        return primary_of(watched.url)
    except Refusal:
        return ""


def _knows_the_replica(watched: Watched) -> bool:
    with Redis(port=watched.sentinel) as client:
        rows = client.execute_command("SENTINEL", "REPLICAS", "mymaster")
    return len(rows) == 1


def test_a_primary_that_no_sentinel_knows_is_refused(watched: Watched) -> None:
    wait_until("the Sentinel", lambda: _answers(watched.sentinel))
    for url in (
        watched.url.replace("mymaster", "other"),
        f"redis+sentinel://127.0.0.1:{free_port()}/m/0",
    ):
        with pytest.raises(Refusal) as refused:
            RedisKeyspace(url).count(SCOPE)
        assert refused.value.code is Code.REDIS_UNREACHABLE


def _answers(port: int) -> bool:
    with Redis(port=port) as client:
        try:
            return bool(client.ping())
        except ConnectionError:
            return False
