"""A real cluster of three primaries on this machine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry

from bot.effects.keyspace.naming import SLOTS, slot_of
from tests.effects.conftest import free_port

NODES = 3
READY_S = 20.0
BUS = 10_000
HIGHEST = 55_000


class Cluster:
    """Three primaries, each with a third of the slots."""

    def __init__(self, folder: Path, binary: Path) -> None:
        self.ports = [_port() for _ in range(NODES)]
        self._processes = [_start(binary, folder / str(port), port) for port in self.ports]
        self._join()

    @property
    def url(self) -> str:
        """Return the address as the bot takes it."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"redis+cluster://{hosts}"

    def node(self, port: int) -> Redis:
        return Redis(port=port, socket_timeout=30)

    def flush(self) -> None:
        for port in self.ports:
            with self.node(port) as client:
                client.flushall()

    def owner(self, key: bytes) -> int:
        """Return the port of the node that holds a key."""
        slot = slot_of(key)
        with self.node(self.ports[0]) as client:
            for first, last, primary, *_ in client.execute_command("CLUSTER", "SLOTS"):
                if int(first) <= slot <= int(last):
                    return int(primary[1])
        raise AssertionError(slot)

    def command(self, key: bytes, *words: bytes | str | int) -> object:
        with self.node(self.owner(key)) as client:
            return client.execute_command(*words)

    def write(self, values: dict[bytes, bytes], expiries: dict[bytes, int] | None = None) -> None:
        """SET many keys where they belong; `expiries` are Unix times in milliseconds."""
        owners: dict[int, list[bytes]] = {}
        bounds = self._bounds()
        for key in values:
            slot = slot_of(key)
            owners.setdefault(next(port for last, port in bounds if slot <= last), []).append(key)
        for port, keys in owners.items():
            with self.node(port) as client:
                pipe = client.pipeline(transaction=False)
                for key in keys:
                    at = (expiries or {}).get(key)
                    pipe.set(key, values[key], pxat=at)
                pipe.execute()

    def picture(self) -> dict[bytes, tuple[bytes, int]]:
        """Return every key of the cluster: its DUMP and its absolute expiry."""
        found: dict[bytes, tuple[bytes, int]] = {}
        for port in self.ports:
            with self.node(port) as client:
                keys = list(client.scan_iter(count=1000))
                pipe = client.pipeline(transaction=False)
                for key in keys:
                    pipe.dump(key)
                    pipe.pexpiretime(key)
                answers = pipe.execute()
                found |= dict(zip(keys, zip(answers[::2], answers[1::2], strict=True), strict=True))
        return found

    def begin_to_move(self, slot: int, to: int) -> None:
        """Put a slot between two nodes: its keys stay, and keys that are not there are asked of the other."""
        source = next(port for last, port in self._bounds() if slot <= last)
        with self.node(source) as old, self.node(to) as new:
            old_id, new_id = (client.execute_command("CLUSTER", "MYID") for client in (old, new))
            new.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", old_id)
            old.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", new_id)

    def move_slot(self, slot: int, to: int) -> None:
        """Give a slot with its keys to another node, as a rebalancing does."""
        source = next(port for last, port in self._bounds() if slot <= last)
        if source == to:
            return
        with self.node(source) as old, self.node(to) as new:
            new_id = new.execute_command("CLUSTER", "MYID")
            self.begin_to_move(slot, to)
            while keys := old.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
                words = ("MIGRATE", "127.0.0.1", to, "", 0, 5000, "KEYS", *keys)
                old.execute_command(*words)
            for client in (new, old):
                client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", new_id)
        for port in self.ports:
            if port not in {source, to}:
                with self.node(port) as client:
                    client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", new_id)

    def kill(self, port: int) -> None:
        process = self._processes[self.ports.index(port)]
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()

    def _bounds(self) -> list[tuple[int, int]]:
        with self.node(self.ports[0]) as client:
            rows = sorted(client.execute_command("CLUSTER", "SLOTS"))
        return [(int(row[1]), int(row[2][1])) for row in rows]

    def _join(self) -> None:
        share = SLOTS // NODES
        for number, port in enumerate(self.ports):
            last = SLOTS - 1 if number == NODES - 1 else (number + 1) * share - 1
            with self.node(port) as client:
                client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last)
                if number:
                    client.execute_command("CLUSTER", "MEET", "127.0.0.1", self.ports[0])
        deadline = time.monotonic() + READY_S
        while not all(self._ready(port) for port in self.ports):
            assert time.monotonic() < deadline, "the cluster did not come up"
            time.sleep(0.05)

    def _ready(self, port: int) -> bool:
        with self.node(port) as client:
            info = client.execute_command("CLUSTER", "INFO")
            said = (
                info
                if isinstance(info, dict)
                else dict(line.split(":", 1) for line in info.decode().split("\r\n") if ":" in line)
            )
            slots = client.execute_command("CLUSTER", "SLOTS")
        return said.get("cluster_state") == "ok" and len(slots) == NODES


def _port() -> int:
    while True:
        port = free_port()
        if port < HIGHEST:
            return port


def _start(binary: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    cluster = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]
    more = ["--cluster-require-full-coverage", "no"]
    process = subprocess.Popen([str(binary), *words, *cluster, *more], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            with Redis(port=port, retry=Retry(NoBackoff(), 0)) as client:
                client.ping()
            return process
        except NoConnection:
            time.sleep(0.02)
    raise TimeoutError(f"no node on port {port}")


@contextmanager
def cluster_in(folder: Path, binary: Path) -> Iterator[Cluster]:
    """Run a cluster."""
    cluster = Cluster(folder, binary)
    try:
        yield cluster
    finally:
        cluster.stop()
