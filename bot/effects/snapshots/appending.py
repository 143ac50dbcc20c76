"""Puts one batch behind the others in a snapshot's files, durably."""

from __future__ import annotations

from pathlib import Path

from bot.effects.fault_points import Point, reached
from bot.effects.snapshots.batches import Chain, Draft, segment_number
from bot.effects.snapshots.cipher import Cipher
from bot.effects.snapshots.disk import (
    SnapshotLimits,
    append_durably,
    segment_for,
    too_large,
    unwritable,
)
from bot.effects.snapshots.proof import Contents


def append_batch(
    folder: Path,
    plain: Draft,
    contents: Contents,
    chain: Chain,
    cipher: Cipher | None,
    limits: SnapshotLimits,
) -> None:
    """Append a batch and count it in `contents`; Refusal where it is too large or cannot be written."""
    name = folder.name
    if contents.bytes + plain.size > limits.max_bytes:
        raise too_large(name, contents.bytes + plain.size, limits.max_bytes)
    try:
        path = segment_for(folder, plain.size, limits.segment_bytes)
        number = contents.batches_in.get(path.name, 0) + 1
        note, data = plain.finish(chain, cipher, segment_number(path), number)
        reached(Point.APPENDS)
        append_durably(path, data)
        reached(Point.APPENDED)
    except OSError as error:
        raise unwritable(name, error) from error
    chain.accept(note.mac)
    contents.count(path.name, note)
    contents.bytes += len(data)
