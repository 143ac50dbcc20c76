"""A cluster of three primaries on this machine, with the keys of a benchmark in it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from redis import Redis

from bot.effects.keyspace.naming import SLOTS, slot_of
from tests.bench.keyspace_of_size import PAGE, key_commands
from tests.effects.conftest import free_port, valkey_binary

NODES = 3
READY_S = 30.0


@contextmanager
def cluster(folder: Path, keys: int) -> Iterator[str]:
    """Yield the address of a cluster that holds the keys of `write_keys`."""
    with ExitStack() as stack:
        nodes = [stack.enter_context(_node(folder / str(number))) for number in range(NODES)]
        ports = [int(node.connection_pool.connection_kwargs["port"]) for node in nodes]
        ends = [SLOTS * (number + 1) // NODES - 1 for number in range(NODES)]
        for number, node in enumerate(nodes):
            first = 0 if number == 0 else ends[number - 1] + 1
            node.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            node.execute_command("CLUSTER ADDSLOTSRANGE", first, ends[number])
        bus = nodes[0].config_get("cluster-port")["cluster-port"]
        for node in nodes[1:]:
            node.execute_command("CLUSTER MEET", "127.0.0.1", ports[0], bus)
        _wait_until_whole(nodes)
        _fill(nodes, ends, keys)
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)


@contextmanager
def _node(folder: Path) -> Iterator[Redis]:
    folder.mkdir(parents=True)
    port = free_port()
    options = {
        "port": port,
        "cluster-port": free_port(),
        "bind": "127.0.0.1",
        "save": "",
        "dir": folder,
        "cluster-enabled": "yes",
        "cluster-node-timeout": 5000,
    }
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    process = subprocess.Popen([str(valkey_binary()), *words], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        with Redis(port=port) as client:
            yield client
    finally:
        process.kill()
        process.wait()


def _wait_until_whole(nodes: Sequence[Redis]) -> None:
    deadline = time.monotonic() + READY_S
    for node in nodes:
        while not _whole(node):
            if time.monotonic() > deadline:
                raise TimeoutError("the cluster did not come together")
            time.sleep(0.1)


def _whole(node: Redis) -> bool:
    said = node.execute_command("CLUSTER INFO")
    return bool(said["cluster_state"] == "ok" and said["cluster_known_nodes"] == str(NODES))


def _fill(nodes: Sequence[Redis], ends: Sequence[int], keys: int) -> None:
    for first in range(0, keys, PAGE):
        pipes = [node.pipeline(transaction=False) for node in nodes]
        for words in key_commands(first, min(first + PAGE, keys)):
            slot = slot_of(str(words[1]).encode())
            owner = next(number for number, end in enumerate(ends) if slot <= end)
            pipes[owner].execute_command(*words)
        for pipe in pipes:
            pipe.execute()
