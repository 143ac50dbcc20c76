"""A segment file: durable batches, each a zstd frame behind a short signed note that zstd skips."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import zstandard

SKIPPABLE = 0x184D2A50
HEAD = struct.Struct("<II")
LEVEL = 3
LARGEST_NOTE = 1_000_000


class Torn(Exception):
    """The file ends in the middle of a batch, as after a kill: what was before it is whole."""


class Damaged(Exception):
    """A batch is there but is not what was written."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is said of one batch. `raw` and `packed` are bytes before and after zstd, `counts` keys by pattern."""

    keys: int
    aside: int
    raw: int
    packed: int
    counts: Mapping[str, int]
    mac: str = ""


class Chain:
    """The running HMAC: each batch is signed together with all that came before it in the snapshot."""

    def __init__(self, hmac_key: bytes, snapshot_id: str) -> None:
        """Start the chain of one snapshot."""
        self._key = hmac_key
        self._last = self._sign(b"cache-release snapshot " + snapshot_id.encode())

    def next(self, note: Note, packed: bytes) -> str:
        """Return the signature of the next batch, in hex, without going on."""
        said = json.dumps({**asdict(note), "mac": ""}, sort_keys=True).encode()
        return self._sign(self._last.encode() + said + hashlib.sha256(packed).digest())

    def accept(self, mac: str) -> None:
        """Go on from this signature."""
        self._last = mac

    def _sign(self, what: bytes) -> str:
        return hmac.new(self._key, what, hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One durable batch as it stands in its file; `end` is the file offset behind it."""

    note: Note
    packed: bytes
    end: int

    def frames(self) -> bytes:
        """Return the Redis commands in it."""
        return zstandard.ZstdDecompressor().decompress(self.packed, max_output_size=self.note.raw)


def pack(frames: bytes, note_of: Mapping[str, int], aside: int, chain: Chain) -> tuple[Note, bytes]:
    """Return the signed note of a batch and the bytes to append for it."""
    packed = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(frames)
    bare = Note(
        keys=sum(note_of.values()),
        aside=aside,
        raw=len(frames),
        packed=len(packed),
        counts=dict(note_of),
    )
    note = Note(**{**asdict(bare), "mac": chain.next(bare, packed)})
    said = json.dumps(asdict(note), sort_keys=True).encode()
    return note, HEAD.pack(SKIPPABLE, len(said)) + said + packed


def batches_in(path: Path, chain: Chain) -> Iterator[Batch]:
    """Yield the batches of a segment in order, each proven; Torn at a cut end, Damaged where one was changed."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at < size:
            head = file.read(HEAD.size)
            if not any(head) and not any(file.read()):
                raise Torn
            if len(head) < HEAD.size:
                raise Torn
            magic, length = HEAD.unpack(head)
            if magic != SKIPPABLE or length > LARGEST_NOTE:
                raise Damaged
            said = file.read(length)
            if len(said) < length:
                raise Torn
            note = _note(said)
            packed = file.read(note.packed)
            if len(packed) < note.packed:
                raise Torn
            if not hmac.compare_digest(chain.next(note, packed), note.mac):
                raise Damaged
            chain.accept(note.mac)
            at += HEAD.size + length + note.packed
            yield Batch(note=note, packed=packed, end=at)


def _note(said: bytes) -> Note:
    try:
        return Note(**json.loads(said))
    except (ValueError, TypeError) as error:
        raise Damaged from error
