"""An encrypted snapshot opens with its key, at its place, and in no other way."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.effects.snapshots.batches import HEAD, batches_in
from bot.effects.snapshots.cipher import Cipher, Unopened
from bot.effects.snapshots.files import SnapshotFiles
from bot.effects.snapshots.frames import Captured, Record
from bot.effects.snapshots.frames_out import write_frames
from bot.effects.snapshots.key import key_id
from bot.release.refusal import Code, Refusal
from tests.effects.keyspaces import ENCRYPTION_KEY, HMAC_KEY, snapshots_in
from tests.effects.snapshots import PATTERN, begin, fill, read, record

ANOTHER = b"a" * 32
ENVIRON = {"SNAPSHOT_ENCRYPTION_KEY": ENCRYPTION_KEY.hex()}
KEYS = st.lists(
    st.builds(
        Captured,
        key=st.binary(min_size=1, max_size=40),
        expires_at=st.integers(0, 2**45),
        dump=st.binary(max_size=200),
    ),
    min_size=1,
    max_size=5,
)
BATCHES = st.lists(KEYS, min_size=1, max_size=6)


def segment(folder: Path, number: int = 1) -> Path:
    return folder / "r1" / f"segment-{number:04d}.resp.zst"


def with_key(folder: Path, key: bytes | None) -> SnapshotFiles:
    return SnapshotFiles(folder, hmac_key=HMAC_KEY, encryption_key=key, max_bytes=10**9)


def write(files: SnapshotFiles, batches: list[list[Captured]]) -> list[Record]:
    with files.writer("r1") as writer:
        begin(writer)
        for batch in batches:
            writer.append(batch, {PATTERN: len(batch)})
        writer.seal()
    return [row for batch in batches for row in batch]


@settings(max_examples=40, deadline=None)
@given(batches=BATCHES, encrypted=st.booleans(), segment_bytes=st.integers(1, 3000))
def test_any_batches_come_back_as_they_were(
    batches: list[list[Captured]], encrypted: bool, segment_bytes: int
) -> None:
    with TemporaryDirectory() as folder:
        files = snapshots_in(Path(folder), encrypted=encrypted, segment_bytes=segment_bytes)
        written = write(files, batches)
        assert read(files) == written
        assert files.prove("r1").problem is None
        out = io.BytesIO()
        assert write_frames(Path(folder) / "r1", ENVIRON, out) is False
        assert out.getvalue() == b"".join(row.frame() for row in written)


@settings(max_examples=80, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), encrypted=st.booleans())
def test_a_flipped_bit_anywhere_is_found(where: float, bit: int, encrypted: bool) -> None:
    with TemporaryDirectory() as folder:
        files = snapshots_in(Path(folder), encrypted=encrypted)
        fill(files)
        changed = bytearray(segment(Path(folder)).read_bytes())
        changed[int(where * len(changed))] ^= 1 << bit
        segment(Path(folder)).write_bytes(changed)
        with pytest.raises(Refusal) as refused:
            files.reader("r1")
        assert refused.value.code is Code.SNAPSHOT_DAMAGED


@settings(max_examples=60, deadline=None)
@given(plain=st.binary(max_size=300), where=st.floats(0, 1, exclude_max=True))
def test_what_is_sealed_opens_at_its_place_alone(plain: bytes, where: float) -> None:
    cipher = Cipher(ENCRYPTION_KEY, "id", "r1")
    sealed = cipher.seal(plain, 2, 3)
    assert cipher.open(sealed, 2, 3) == plain
    changed = bytearray(sealed)
    changed[int(where * len(sealed))] ^= 1
    other_snapshot = Cipher(ENCRYPTION_KEY, "id", "r2")
    wrong = [
        (cipher, bytes(changed), 2, 3),
        (cipher, sealed, 3, 3),
        (cipher, sealed, 2, 4),
        (cipher, sealed[:20], 2, 3),
        (other_snapshot, sealed, 2, 3),
        (Cipher(ANOTHER, "id", "r1"), sealed, 2, 3),
    ]
    for other, data, part, batch in wrong:
        with pytest.raises(Unopened):
            other.open(data, part, batch)


def test_nothing_of_the_keys_can_be_read_in_the_files(tmp_path: Path) -> None:
    fill(snapshots_in(tmp_path, encrypted=True))
    everything = b"".join(path.read_bytes() for path in (tmp_path / "r1").iterdir())
    assert b"anp:big" not in everything
    assert ENCRYPTION_KEY not in everything
    assert ENCRYPTION_KEY.hex().encode() not in everything
    with segment(tmp_path).open("rb") as file, pytest.raises(zstandard.ZstdError):
        zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()


def test_the_manifest_names_the_cipher_and_the_key_by_its_id(tmp_path: Path) -> None:
    fill(snapshots_in(tmp_path, encrypted=True))
    said = json.loads((tmp_path / "r1" / "manifest.json").read_text())
    assert (said["encrypted"], said["key_id"], said["quarantined"]) == (
        "AES-256-GCM",
        key_id(ENCRYPTION_KEY),
        [],
    )
    assert len(said["key_id"]) == 16


def test_a_manifest_in_plain_says_nothing_of_a_cipher(tmp_path: Path) -> None:
    fill(snapshots_in(tmp_path))
    said = json.loads((tmp_path / "r1" / "manifest.json").read_text())
    assert {"encrypted", "key_id"} & set(said) == set()
    assert said["quarantined"] == ["anp%3Abig"]


def test_every_batch_has_a_nonce_of_its_own_also_where_a_cut_one_stood(tmp_path: Path) -> None:
    files = snapshots_in(tmp_path, encrypted=True)
    nonces = set()
    for _ in range(20):
        with files.writer("r1") as writer:
            begin(writer)
            writer.append([record(7)], {PATTERN: 1})
        data = segment(tmp_path).read_bytes()
        _, length = HEAD.unpack(data[: HEAD.size])
        nonces.add(data[HEAD.size + length :][:12])
        segment(tmp_path).write_bytes(data[:-1])
    assert len(nonces) == 20


@pytest.mark.parametrize(
    ("key", "found"),
    [(None, "none is set"), (ANOTHER, f"the one that is set is {key_id(ANOTHER)}")],
)
def test_another_key_is_refused_by_its_id(tmp_path: Path, key: bytes | None, found: str) -> None:
    fill(snapshots_in(tmp_path, encrypted=True))
    whole = segment(tmp_path).read_bytes()
    files, needed = with_key(tmp_path, key), key_id(ENCRYPTION_KEY)
    with pytest.raises(Refusal) as refused:
        files.reader("r1")
    assert refused.value.code is Code.SNAPSHOT_DAMAGED
    assert refused.value.failed == (
        f"The snapshot r1 is encrypted with the key {needed}, and {found}. "
        "Nothing of it was restored."
    )
    assert refused.value.expected == f"SNAPSHOT_ENCRYPTION_KEY with the key whose id is {needed}."
    assert files.prove("r1").problem == refused.value.failed
    with pytest.raises(Refusal, match=needed), files.writer("r1"):
        pass
    assert segment(tmp_path).read_bytes() == whole


def test_a_snapshot_in_plain_is_read_and_continued_when_a_key_is_set(tmp_path: Path) -> None:
    written = fill(snapshots_in(tmp_path), seal=False)
    files = snapshots_in(tmp_path, encrypted=True)
    assert read(files) == written
    assert files.prove("r1").problem is None
    with files.writer("r1") as writer:
        begin(writer)
        writer.append([record(99)], {PATTERN: 1})
        writer.seal()
    assert read(files) == [*written, record(99)]
    out = io.BytesIO()
    write_frames(tmp_path / "r1", ENVIRON, out)
    assert out.getvalue() == b"".join(row.frame() for row in [*written, record(99)])
    with pytest.raises(Refusal, match=key_id(ENCRYPTION_KEY)):
        with_key(tmp_path, None).reader("r1")


def test_the_line_without_the_bot_names_no_key(tmp_path: Path) -> None:
    files = snapshots_in(tmp_path, encrypted=True)
    fill(files)
    line = files.command("r1", "redis://127.0.0.1:6390/2")
    assert line == (
        f"{sys.executable} -m bot.effects.snapshots.frames_out {tmp_path}/r1"
        " | redis-cli -h 127.0.0.1 -p 6390 -n 2 --pipe"
    )
    fill(snapshots_in(tmp_path / "plain"))
    assert (
        snapshots_in(tmp_path / "plain", encrypted=True)
        .command("r1", "redis://h")
        .startswith("zstd -dc ")
    )


def by_hand(folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot.effects.snapshots.frames_out", str(folder)],
        check=False,
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        timeout=60,
    )


def test_by_hand_a_cut_end_is_left_out_and_said(tmp_path: Path) -> None:
    written = fill(snapshots_in(tmp_path, encrypted=True), seal=False)
    whole = segment(tmp_path).read_bytes()
    segment(tmp_path).write_bytes(whole[:-1])
    ran = by_hand(tmp_path / "r1", ENVIRON)
    assert ran.stdout == b"".join(row.frame() for row in written[:-1])
    assert ran.stderr == b"The last batch is cut off, as after a kill; it was left out.\n"
    assert ran.returncode == 0


def test_by_hand_a_changed_file_gives_nothing_at_all(tmp_path: Path) -> None:
    fill(snapshots_in(tmp_path, encrypted=True))
    changed = bytearray(segment(tmp_path).read_bytes())
    changed[-1] ^= 1
    segment(tmp_path).write_bytes(changed)
    ran = by_hand(tmp_path / "r1", ENVIRON)
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.startswith(
        b"The snapshot's file r1/segment-0001.resp.zst is not what was written."
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, f"encrypted with the key {key_id(ENCRYPTION_KEY)}, and none is set"),
        ({"SNAPSHOT_ENCRYPTION_KEY": ANOTHER.hex()}, f"the one that is set is {key_id(ANOTHER)}"),
        ({"SNAPSHOT_ENCRYPTION_KEY": "short"}, "SNAPSHOT_ENCRYPTION_KEY cannot be used"),
        ({"SNAPSHOT_ENCRYPTION_KEY_FILE": "/no/such/file"}, "cannot be used"),
    ],
)
def test_by_hand_without_the_right_key_nothing_goes_out(
    tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    fill(snapshots_in(tmp_path, encrypted=True))
    out = io.BytesIO()
    with pytest.raises(Refusal) as refused:
        write_frames(tmp_path / "r1", environ, out)
    assert said in refused.value.failed
    assert out.getvalue() == b""


def test_batches_swapped_by_one_who_can_sign_are_found_by_their_place(tmp_path: Path) -> None:
    fill(snapshots_in(tmp_path, encrypted=True), seal=False)
    cipher = Cipher(ENCRYPTION_KEY, key_id(ENCRYPTION_KEY), "r1")
    ends = [0, *(batch.end for batch in batches_in(segment(tmp_path), None, cipher))]
    whole = segment(tmp_path).read_bytes()
    parts = [whole[a:b] for a, b in pairwise(ends)]
    segment(tmp_path).write_bytes(b"".join([parts[1], parts[0], *parts[2:]]))
    out = io.BytesIO()
    with pytest.raises(Refusal) as refused:
        write_frames(tmp_path / "r1", ENVIRON, out)
    assert (refused.value.code, out.getvalue()) == (Code.SNAPSHOT_DAMAGED, b"")
