"""What was changed, cut or lost in a snapshot is found, and the file is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.effects.snapshots.files import SnapshotFiles
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import ENCRYPTION_KEY, snapshots_in
from tests.effects.snapshots import PATTERN, begin, fill, read, record


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotFiles:
    return snapshots_in(tmp_path, encrypted=request.param)


def segment(tmp_path: Path, number: int = 1) -> Path:
    return tmp_path / "r1" / f"segment-{number:04d}.resp.zst"


def test_every_cut_end_leaves_the_batches_before_it(files: SnapshotFiles, tmp_path: Path) -> None:
    written = fill(files, seal=False)
    whole = segment(tmp_path).read_bytes()
    ends = sorted({0, *range(1, len(whole), 97), len(whole) - 1})
    for end in ends:
        segment(tmp_path).write_bytes(whole[:end])
        found = read(files)
        assert found == written[: len(found)]
        assert len(found) % 10 == 0
        with files.writer("r1") as writer:
            assert writer.keys == len(found)
            begin(writer)
            writer.append([record(99)], {PATTERN: 1})
        assert read(files) == [*found, record(99)]


def test_an_end_of_zeros_after_a_power_cut_is_cut_off(files: SnapshotFiles, tmp_path: Path) -> None:
    written = fill(files, seal=False)
    with segment(tmp_path).open("ab") as file:
        file.write(bytes(300))
    assert read(files) == written
    with files.writer("r1") as writer:
        assert writer.keys == 30


def test_any_changed_byte_is_found_and_the_file_is_named(
    files: SnapshotFiles, tmp_path: Path
) -> None:
    fill(files)
    whole = segment(tmp_path).read_bytes()
    for at in range(0, len(whole), 61):
        changed = bytearray(whole)
        changed[at] ^= 0x20
        segment(tmp_path).write_bytes(changed)
        with pytest.raises(Refusal) as refused:
            files.reader("r1")
        assert refused.value.code is Code.SNAPSHOT_DAMAGED
        assert "r1/segment-0001.resp.zst" in refused.value.failed
        assert files.prove("r1").problem == refused.value.failed


def test_a_sealed_snapshot_that_lost_its_end_is_damaged(
    files: SnapshotFiles, tmp_path: Path
) -> None:
    fill(files)
    whole = segment(tmp_path).read_bytes()
    segment(tmp_path).write_bytes(whole[:-1])
    assert files.prove("r1").problem == (
        "The snapshot's file r1/segment-0001.resp.zst is not the file that was sealed. "
        "Nothing of it was restored."
    )


@pytest.mark.parametrize(("field", "value"), [("keys", 31), ("stage", "other"), ("sealed", False)])
def test_a_changed_manifest_is_refused(
    files: SnapshotFiles, tmp_path: Path, field: str, value: object
) -> None:
    fill(files)
    path = tmp_path / "r1" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(Refusal) as refused:
        files.reader("r1")
    assert refused.value.code is Code.SNAPSHOT_DAMAGED
    assert "r1/manifest.json" in refused.value.failed


def test_a_missing_manifest_or_segment_is_refused(files: SnapshotFiles, tmp_path: Path) -> None:
    fill(files)
    manifest = (tmp_path / "r1" / "manifest.json").read_bytes()
    (tmp_path / "r1" / "manifest.json").unlink()
    assert str(files.prove("r1").problem).startswith(
        "The snapshot's file r1/manifest.json is missing"
    )
    (tmp_path / "r1" / "manifest.json").write_bytes(manifest)
    segment(tmp_path).unlink()
    assert "segment-0001.resp.zst is missing" in str(files.prove("r1").problem)


def test_another_key_does_not_prove_it(files: SnapshotFiles, tmp_path: Path) -> None:
    fill(files)
    with pytest.raises(Refusal) as refused:
        SnapshotFiles(
            tmp_path, hmac_key=b"another", encryption_key=ENCRYPTION_KEY, max_bytes=10**9
        ).reader("r1")
    assert refused.value.code is Code.SNAPSHOT_DAMAGED


def test_a_snapshot_renamed_to_another_release_is_refused(
    files: SnapshotFiles, tmp_path: Path
) -> None:
    fill(files)
    (tmp_path / "r1").rename(tmp_path / "r2")
    with pytest.raises(Refusal) as refused:
        files.reader("r2")
    assert refused.value.code is Code.SNAPSHOT_DAMAGED
