"""A proven snapshot, read for restoring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.effects.snapshots.frames import Record, SetAside, Span, key_at, records_in, spans_in
from bot.effects.snapshots.key import SnapshotKeys
from bot.effects.snapshots.proof import damaged, proven_batches, read_proven


class SnapshotReader:
    """What a snapshot holds; a purge that was cut short left one that is not sealed, and it reads the same."""

    def __init__(self, folder: Path, *, keys: SnapshotKeys) -> None:
        """Prove every file first; Refusal SNAPSHOT_DAMAGED naming the one that is not what was written."""
        self.id = folder.name
        self._folder = folder
        self._keys = keys
        manifest, contents = read_proven(folder, keys)
        self._again = manifest is not None and manifest.runs > 1
        self.keys = contents.keys
        self.raw_bytes = contents.raw
        self.aside: tuple[SetAside, ...] = tuple(contents.aside)
        self.sealed = manifest is not None and manifest.sealed
        self.stage = "" if manifest is None else manifest.stage
        self.dump_format = 0 if manifest is None else manifest.dump_format

    def frames(self) -> Iterator[tuple[bytes, Iterator[Span]]]:
        """Yield the commands batch by batch with where each RESTORE stands, as `batches` does with records.

        The places are looked for one at a time, so that a server has its work while the next are found.
        """
        seen: set[bytes] | None = set() if self._again else None
        for path, batch in proven_batches(self._folder, self._keys):
            frames = batch.frames()
            yield frames, _spans(path, frames, seen)

    def batches(self) -> Iterator[tuple[Record, ...]]:
        """Yield the records batch by batch, in the order they were taken, each batch proven again.

        A key that the app wrote again while it was purged twice is yielded once, as it was first.
        """
        seen: set[bytes] | None = set() if self._again else None
        for path, batch in proven_batches(self._folder, self._keys):
            try:
                records = tuple(records_in(batch.frames()))
            except ValueError as error:
                raise damaged(path, "holds what is no command of a snapshot") from error
            yield records if seen is None else tuple(_first(records, seen))


def _first(records: tuple[Record, ...], seen: set[bytes]) -> Iterator[Record]:
    for record in records:
        if record.key not in seen:
            seen.add(record.key)
            yield record


def _spans(path: Path, frames: bytes, seen: set[bytes] | None) -> Iterator[Span]:
    try:
        for span in spans_in(frames):
            if seen is None or _is_first(frames, span, seen):
                yield span
    except ValueError as error:
        raise damaged(path, "holds what is no command of a snapshot") from error


def _is_first(frames: bytes, span: Span, seen: set[bytes]) -> bool:
    key = key_at(frames, span)
    if key in seen:
        return False
    seen.add(key)
    return True
