"""A segment file: durable batches, each a zstd frame behind a short signed note that zstd skips."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from bot.effects.snapshots.cipher import GROWTH, Cipher, Unopened

SKIPPABLE = 0x184D2A50
HEAD = struct.Struct("<II")
LEVEL = 3
LARGEST_NOTE = 1_000_000
MAC_DIGITS = 64


class Torn(Exception):
    """The file ends in the middle of a batch, as after a kill: what was before it is whole."""


class Damaged(Exception):
    """A batch is there but is not what was written."""


class OtherKey(Exception):
    """A batch was encrypted with a key that is not at hand."""

    def __init__(self, key_id: str) -> None:
        """Take the id of the key that opens it."""
        super().__init__(key_id)
        self.key_id = key_id


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is said of one batch. `raw` and `packed` are bytes before zstd and in the file, `counts` keys by pattern.

    `key_id` names the key it is encrypted with; empty means in plain.
    """

    keys: int
    aside: int
    raw: int
    packed: int
    counts: Mapping[str, int]
    mac: str = ""
    key_id: str = ""

    def said(self) -> bytes:
        """Return the note as JSON; one in plain says nothing of a key, as the first snapshots did."""
        fields = asdict(self)
        if not self.key_id:
            del fields["key_id"]
        return json.dumps(fields, sort_keys=True).encode()


class Chain:
    """The running HMAC: each batch is signed together with all that came before it in the snapshot."""

    def __init__(self, hmac_key: bytes, snapshot_id: str) -> None:
        """Start the chain of one snapshot."""
        self._key = hmac_key
        self._last = self._sign(b"cache-release snapshot " + snapshot_id.encode())

    def next(self, note: Note, packed: bytes) -> str:
        """Return the signature of the next batch, in hex, without going on."""
        said = replace(note, mac="").said()
        return self._sign(self._last.encode() + said + hashlib.sha256(packed).digest())

    def accept(self, mac: str) -> None:
        """Go on from this signature."""
        self._last = mac

    def _sign(self, what: bytes) -> str:
        return hmac.new(self._key, what, hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One durable batch; `packed` is its zstd frame, opened, and `end` the file offset behind it."""

    note: Note
    packed: bytes
    end: int

    def frames(self) -> bytes:
        """Return the Redis commands in it."""
        return zstandard.ZstdDecompressor().decompress(self.packed, max_output_size=self.note.raw)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A batch before it has a place: its note without a signature, and its zstd frame."""

    note: Note
    frame: bytes

    @property
    def size(self) -> int:
        """Return the bytes it will take in a file."""
        signed = replace(self.note, mac="0" * MAC_DIGITS)
        return HEAD.size + len(signed.said()) + self.note.packed

    def finish(
        self, chain: Chain, cipher: Cipher | None, segment: int, batch: int
    ) -> tuple[Note, bytes]:
        """Return the signed note and the bytes to append as that batch of that segment."""
        packed = self.frame if cipher is None else cipher.seal(self.frame, segment, batch)
        note = replace(self.note, mac=chain.next(self.note, packed))
        said = note.said()
        return note, HEAD.pack(SKIPPABLE, len(said)) + said + packed


def draft(frames: bytes, counts: Mapping[str, int], aside: int, cipher: Cipher | None) -> Draft:
    """Return the batch that holds these commands; the cipher is the one it will be finished with."""
    frame = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(frames)
    note = Note(
        keys=sum(counts.values()),
        aside=aside,
        raw=len(frames),
        packed=len(frame) + (0 if cipher is None else GROWTH),
        counts=dict(counts),
        key_id="" if cipher is None else cipher.key_id,
    )
    return Draft(note=note, frame=frame)


def segment_number(path: Path) -> int:
    """Return the number in a segment's name; Damaged where there is none."""
    try:
        return int(path.name.removeprefix("segment-").partition(".")[0])
    except ValueError as error:
        raise Damaged from error


def batches_in(path: Path, chain: Chain | None, cipher: Cipher | None) -> Iterator[Batch]:
    """Yield the batches of a segment in order, each proven and opened.

    Torn at a cut end, Damaged where one was changed, OtherKey where the cipher is not the one it needs. Without a
    chain no signature is looked at; what is encrypted is proven by its own tag all the same.
    """
    size, segment = path.stat().st_size, segment_number(path)
    with path.open("rb") as file:
        at = number = 0
        while at < size:
            length, note, packed = _next(file)
            if chain is not None:
                if not hmac.compare_digest(chain.next(note, packed), note.mac):
                    raise Damaged
                chain.accept(note.mac)
            number += 1
            at += length
            yield Batch(note=note, packed=_opened(note, packed, cipher, segment, number), end=at)


def _next(file: BinaryIO) -> tuple[int, Note, bytes]:
    """Return the next batch as it stands in the file, with its length there."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size or (not any(head) and not any(file.read())):
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
    return HEAD.size + length + note.packed, note, packed


def _opened(note: Note, packed: bytes, cipher: Cipher | None, segment: int, number: int) -> bytes:
    if not note.key_id:
        return packed
    if cipher is None or cipher.key_id != note.key_id:
        raise OtherKey(note.key_id)
    try:
        return cipher.open(packed, segment, number)
    except Unopened as error:
        raise Damaged from error


def _note(said: bytes) -> Note:
    try:
        value: dict[str, Any] = json.loads(said)
        return Note(**value)
    except (ValueError, TypeError) as error:
        raise Damaged from error
