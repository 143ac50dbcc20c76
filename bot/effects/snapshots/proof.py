"""Reads a snapshot's files and tells whether they are what was written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.effects.snapshots.batches import (
    Batch,
    Chain,
    Damaged,
    Note,
    OtherKey,
    Torn,
    batches_in,
)
from bot.effects.snapshots.frames import SetAside, records_in
from bot.effects.snapshots.key import SnapshotKeys
from bot.effects.snapshots.manifest import (
    BadManifest,
    Manifest,
    describe_segment,
    read_manifest,
)
from bot.release.refusal import Code, Refusal

SEGMENTS = "segment-*.resp.zst"


@dataclass
class Contents:
    """What the segments hold: `raw` is bytes before zstd, `bytes` after, `torn` the file with a cut end.

    `recent` are the last two batches: no more than those may still be staged on the server.
    """

    keys: int = 0
    raw: int = 0
    bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)
    keys_in: dict[str, int] = field(default_factory=dict)
    batches_in: dict[str, int] = field(default_factory=dict)
    recent: deque[Batch] = field(default_factory=lambda: deque(maxlen=2))
    torn: tuple[Path, int] | None = None

    def add(self, name: str, batch: Batch) -> None:
        """Count one more batch that was found in the segment of that name."""
        self.count(name, batch.note)
        if batch.note.aside:
            found = records_in(batch.frames())
            self.aside += [record for record in found if isinstance(record, SetAside)]
        self.recent.append(batch)

    def count(self, name: str, note: Note) -> None:
        """Add what a batch's note says."""
        self.keys += note.keys
        self.raw += note.raw
        self.keys_in[name] = self.keys_in.get(name, 0) + note.keys
        self.batches_in[name] = self.batches_in.get(name, 0) + 1
        for pattern, keys in note.counts.items():
            self.counts[pattern] = self.counts.get(pattern, 0) + keys


def segments_of(folder: Path) -> list[Path]:
    """Return the segment files in the order they were written."""
    return sorted(folder.glob(SEGMENTS))


def proven_batches(
    folder: Path, keys: SnapshotKeys, contents: Contents | None = None
) -> Iterator[tuple[Path, Batch]]:
    """Yield every batch with its file; Refusal naming the file that was changed, or the key that is needed.

    A cut end is allowed in the last file alone; it is noted in `contents`.
    """
    segments = segments_of(folder)
    chain, cipher = Chain(keys.hmac, folder.name), keys.cipher(folder.name)
    for path in segments:
        end = 0
        try:
            for batch in batches_in(path, chain, cipher):
                end = batch.end
                yield path, batch
        except Torn as torn:
            if path != segments[-1]:
                raise damaged(path, "ends in the middle of a batch") from torn
            if contents is not None:
                contents.torn = (path, end)
        except OtherKey as other:
            raise other_key(folder.name, needed=other.key_id, given=keys.key_id) from other
        except (Damaged, OSError) as error:
            raise damaged(path, "is not what was written") from error


def read_contents(folder: Path, keys: SnapshotKeys) -> Contents:
    """Return what the segments hold, every batch proven; Refusal where one is damaged."""
    contents = Contents()
    for path, batch in proven_batches(folder, keys, contents):
        contents.add(path.name, batch)
    contents.bytes = sum(path.stat().st_size for path in segments_of(folder))
    return contents


def read_proven(folder: Path, keys: SnapshotKeys) -> tuple[Manifest | None, Contents]:
    """Return manifest and contents that agree; Refusal naming what does not. No manifest: nothing was begun."""
    try:
        manifest = read_manifest(folder, keys.hmac)
    except BadManifest as error:
        raise damaged(folder / "manifest.json", "is not what was written") from error
    contents = read_contents(folder, keys)
    if manifest is None:
        if contents.recent:
            raise damaged(folder / "manifest.json", "is missing")
        return None, contents
    if manifest.snapshot != folder.name:
        raise damaged(folder / "manifest.json", f"belongs to snapshot {manifest.snapshot}")
    if manifest.sealed:
        _compare(folder, manifest, contents, keys.hmac)
    return manifest, contents


def _compare(folder: Path, manifest: Manifest, contents: Contents, hmac_key: bytes) -> None:
    found = {path.name: path for path in segments_of(folder)}
    for segment in manifest.segments:
        path = found.pop(segment.name, None)
        if path is None:
            raise damaged(folder / segment.name, "is missing")
        if describe_segment(path, contents.keys_in.get(path.name, 0), hmac_key) != segment:
            raise damaged(path, "is not the file that was sealed")
    for path in found.values():
        raise damaged(path, "was added after the snapshot was sealed")


def damaged(path: Path, how: str) -> Refusal:
    """Return the Refusal that names a damaged file."""
    return Refusal(
        code=Code.SNAPSHOT_DAMAGED,
        failed=f"The snapshot's file {path.parent.name}/{path.name} {how}. Nothing of it was restored.",
        expected="files whose checksums and signatures are those that were written.",
        retry_is_safe=True,
    )


def other_key(snapshot_id: str, *, needed: str, given: str) -> Refusal:
    """Return the Refusal that says by their ids which key is needed and which one is set."""
    found = f"the one that is set is {given}" if given else "none is set"
    return Refusal(
        code=Code.SNAPSHOT_DAMAGED,
        failed=f"The snapshot {snapshot_id} is encrypted with the key {needed}, and {found}. "
        "Nothing of it was restored.",
        expected=f"SNAPSHOT_ENCRYPTION_KEY with the key whose id is {needed}.",
        retry_is_safe=True,
    )
