"""A snapshot is durable, bounded, listed, and read as it was written."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import zstandard

from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.frames import records_in
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import snapshots_in
from tests.effects.snapshots import BIG, begin, fill, fill_up, read, record


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path, encrypted=request.param)


def segment(tmp_path: Path, number: int = 1) -> Path:
    return tmp_path / "r1" / f"segment-{number:04d}.resp.zst"


def test_records_come_back_as_commands_of_redis() -> None:
    frames = record(3).frame() + BIG.frame()
    assert frames == (
        b"*5\r\n$7\r\nRESTORE\r\n$5\r\nanp:3\r\n$1\r\n3\r\n$18\r\n"
        + b"\x00\r\n$5\xff" * 3
        + b"\r\n"
        b"$6\r\nABSTTL\r\n"
        b"*3\r\n$9\r\nPEXPIREAT\r\n$13\r\n~q:r1:anp:big\r\n$13\r\n1900000000000\r\n"
        b"*3\r\n$8\r\nRENAMENX\r\n$13\r\n~q:r1:anp:big\r\n$7\r\nanp:big\r\n"
    )
    assert list(records_in(frames)) == [record(3), BIG]


@pytest.mark.parametrize(
    "frames", [b"*1\r\n$4\r\nPING\r\n", b"+OK\r\n", b"*5\r\n$7\r\nRESTORE\r\n$900\r\nx"]
)
def test_bytes_that_are_no_commands_of_a_snapshot_are_an_error(frames: bytes) -> None:
    with pytest.raises(ValueError, match=r"snapshot|substring"):
        list(records_in(frames))


def test_what_was_written_is_read_and_proven(files: SnapshotFiles, tmp_path: Path) -> None:
    written = fill(files)
    assert read(files) == written
    proof = files.prove("r1")
    assert (proof.keys, proof.bytes, proof.problem) == (31, segment(tmp_path).stat().st_size, None)
    reader = files.reader("r1")
    assert (reader.keys, reader.aside, reader.sealed, reader.dump_format) == (30, (BIG,), True, 80)


def test_plain_zstd_unpacks_a_segment_to_the_commands_alone(tmp_path: Path) -> None:
    written = fill(snapshots_in(tmp_path))
    with segment(tmp_path).open("rb") as file:
        frames = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    assert frames == b"".join(row.frame() for row in written)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_segments_stay_under_their_size(tmp_path: Path, encrypted: bool) -> None:
    files = snapshots_in(tmp_path, segment_bytes=900, encrypted=encrypted)
    written = fill(files, batches=6)
    names = sorted(path.name for path in (tmp_path / "r1").glob("segment-*"))
    assert names == [f"segment-000{number}.resp.zst" for number in range(1, len(names) + 1)]
    assert len(names) >= 3
    assert all(segment(tmp_path, n + 1).stat().st_size <= 900 for n in range(len(names)))
    assert read(files) == written
    manifest = json.loads((tmp_path / "r1" / "manifest.json").read_text())
    assert [row["name"] for row in manifest["segments"]] == names
    assert sum(row["keys"] for row in manifest["segments"]) == 60


def test_only_the_owner_may_read_a_snapshot(files: SnapshotFiles, tmp_path: Path) -> None:
    fill(files)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "r1").iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "r1").stat().st_mode) == 0o700


def test_what_is_over_the_limit_is_refused(tmp_path: Path) -> None:
    files = snapshots_in(tmp_path, max_bytes=2000)
    with files.writer("r1") as writer:
        begin(writer)
        with pytest.raises(Refusal) as expected:
            writer.refuse_over(2001)
        writer.refuse_over(2000)
        with pytest.raises(Refusal) as found:
            fill_up(writer)
    assert {expected.value.code, found.value.code} == {Code.SNAPSHOT_TOO_LARGE}
    assert expected.value.failed.startswith("The snapshot r1 would take about 2,001 bytes.")
    assert files.prove("r1").bytes <= 2000
    assert files.prove("r1").problem is None


def test_a_root_that_is_no_folder_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("a file")
    with pytest.raises(Refusal) as refused, snapshots_in(tmp_path / "root").writer("r1"):
        pass
    assert refused.value.code is Code.SNAPSHOT_UNWRITABLE


def test_two_writers_of_one_snapshot_are_one_too_many(files: SnapshotFiles) -> None:
    with files.writer("r1"):
        with pytest.raises(Refusal) as refused, files.writer("r1"):
            pass
        assert refused.value.code is Code.SCOPE_BUSY
    with files.writer("r1"):
        pass


def test_a_snapshot_that_was_opened_and_not_begun_is_empty(files: SnapshotFiles) -> None:
    with files.writer("r1"):
        pass
    assert read(files) == []
    assert (files.prove("r1").keys, files.prove("r1").problem) == (0, None)


def test_snapshots_are_listed_and_deleted(files: SnapshotFiles) -> None:
    assert files.ids() == ()
    fill(files)
    assert files.ids() == ("r1",)
    files.delete("r1")
    files.delete("r1")
    assert files.ids() == ()
    with pytest.raises(Refusal) as refused:
        files.reader("r1")
    assert refused.value.code is Code.SNAPSHOT_EXPIRED


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".lock", "x" * 65])
def test_a_name_that_leaves_the_folder_is_refused(files: SnapshotFiles, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        files.reader(name)
    assert refused.value.code is Code.BAD_REQUEST


@pytest.mark.parametrize(
    ("url", "client"),
    [
        ("redis://127.0.0.1:6390/2", "redis-cli -h 127.0.0.1 -p 6390 -n 2 --pipe"),
        (
            "rediss://bot:p%40ss@cache.example",
            'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -h cache.example -p 6379 --tls --user bot --pipe',
        ),
        (
            "rediss://cache.example:6380/1?ssl_ca_certs=/etc/my%20ca.pem",
            "redis-cli -h cache.example -p 6380 -n 1 --tls --cacert '/etc/my ca.pem' --pipe",
        ),
        ("unix:///run/redis.sock", "redis-cli -s /run/redis.sock --pipe"),
    ],
)
def test_the_shell_line_restores_without_the_bot_and_shows_no_password(
    tmp_path: Path, url: str, client: str
) -> None:
    line = snapshots_in(tmp_path / "my snapshots").command("r1", url)
    assert line == f"zstd -dc '{tmp_path}/my snapshots/r1'/segment-*.resp.zst | {client}"
