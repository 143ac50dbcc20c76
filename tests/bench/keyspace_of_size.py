"""A server with many keys for a benchmark: written once, loaded anew for each row."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from redis import Redis
from redis.exceptions import BusyLoadingError

from tests.effects.conftest import free_port, start_server, valkey_binary

HASH_EVERY = 20
PAGE = 5_000
LOADING_S = 120.0
WORDS = [f"word{number}" for number in range(3_000)]


def scope_of(share: int) -> str:
    """Return the pattern that holds 1, 10 or 100 % of the keys."""
    return {1: "anp:all:ten:one:*", 10: "anp:all:ten:*", 100: "anp:all:*"}[share]


def write_keys(folder: Path, keys: int) -> None:
    """Write keys of about 300 bytes, one in twenty a hash, half with an expiry, and save them as dump.rdb."""
    with _serving(folder) as client:
        for first in range(0, keys, PAGE):
            pipe = client.pipeline(transaction=False)
            for words in key_commands(first, min(first + PAGE, keys)):
                pipe.execute_command(*words)
            pipe.execute()
        client.save()


def key_commands(first: int, end: int) -> Iterator[Sequence[str | int]]:
    """Yield the commands that write the keys of these numbers; the key is the second word."""
    chance, at = random.Random(first), int(time.time()) + 86_400
    for number in range(first, end):
        name = _name(number)
        if number % HASH_EVERY == 0:
            fields = ((f"f{n}", chance.choice(WORDS) * 3) for n in range(10))
            yield ("HSET", name, *chain.from_iterable(fields))
        else:
            yield ("SET", name, " ".join(chance.choices(WORDS, k=37)))
        if number // HASH_EVERY % 2:
            yield ("EXPIREAT", name, at + number % 3_600)


def _name(number: int) -> str:
    if number % 100 == 0:
        return f"anp:all:ten:one:{number // 100}"
    if number % 10 == 0:
        return f"anp:all:ten:{number // 10}"
    return f"anp:all:{number}"


@contextmanager
def loaded(saved: Path, folder: Path) -> Iterator[Redis]:
    """Yield a client of a fresh server that holds what was saved."""
    folder.mkdir()
    shutil.copy(saved / "dump.rdb", folder)
    with _serving(folder) as client:
        yield client
    shutil.rmtree(folder)


@contextmanager
def _serving(folder: Path) -> Iterator[Redis]:
    port = free_port()
    process = start_server(valkey_binary(), folder, port)
    try:
        with Redis(port=port) as client:
            _wait_until_loaded(client)
            yield client
    finally:
        _end(process)


def _wait_until_loaded(client: Redis) -> None:
    deadline = time.monotonic() + LOADING_S
    while time.monotonic() < deadline:
        try:
            client.ping()
        except BusyLoadingError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the server did not load its keys")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def port_of(client: Redis) -> int:
    """Return the port of a client's server."""
    return int(client.connection_pool.connection_kwargs["port"])
