"""Snapshots in folders: written, proven, read, listed and deleted."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.effects.keyspace.cli_line import replay_line
from bot.effects.snapshots.disk import SnapshotLimits, unwritable
from bot.effects.snapshots.key import SnapshotKeys
from bot.effects.snapshots.manifest import BadManifest, read_manifest
from bot.effects.snapshots.proof import SEGMENTS, read_proven, segments_of
from bot.effects.snapshots.reader import SnapshotReader
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.refusal import Code, Refusal

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SEGMENT_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a check found: keys (large ones set aside included), bytes on disk, and what is wrong if anything."""

    keys: int
    bytes: int
    problem: str | None


def utc_now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


class SnapshotFiles:
    """All snapshots of one root folder; a snapshot's id is its folder's name."""

    def __init__(
        self,
        root: Path,
        *,
        hmac_key: bytes,
        encryption_key: bytes | None = None,
        max_bytes: int,
        segment_bytes: int = SEGMENT_BYTES,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Take the keys that sign and encrypt, and the most bytes one snapshot and one of its files may have."""
        self._root = root
        self._keys = SnapshotKeys(hmac=hmac_key, encryption=encryption_key)
        self._limits = SnapshotLimits(max_bytes=max_bytes, segment_bytes=segment_bytes)
        self._now = now

    def writer(self, snapshot_id: str) -> SnapshotWriter:
        """Return a context manager that appends to a snapshot, new or half written."""
        folder = self._folder(snapshot_id)
        return SnapshotWriter(
            folder,
            keys=self._keys,
            limits=self._limits,
            created_at=self._now().isoformat(),
        )

    def reader(self, snapshot_id: str) -> SnapshotReader:
        """Return a proven snapshot; Refusal SNAPSHOT_DAMAGED names the file that is not what was written."""
        return SnapshotReader(self._existing(snapshot_id), keys=self._keys)

    def prove(self, snapshot_id: str) -> Proof:
        """Check every file of a snapshot."""
        try:
            folder = self._existing(snapshot_id)
            _, contents = read_proven(folder, self._keys)
        except Refusal as refusal:
            return Proof(keys=0, bytes=self.size(snapshot_id), problem=refusal.failed)
        return Proof(
            keys=contents.keys + len(contents.aside), bytes=self.size(snapshot_id), problem=None
        )

    def size(self, snapshot_id: str) -> int:
        """Return the bytes of a snapshot's segments on disk."""
        return sum(path.stat().st_size for path in segments_of(self._folder(snapshot_id)))

    def ids(self) -> tuple[str, ...]:
        """Return the snapshots that are there, sorted."""
        if not self._root.is_dir():
            return ()
        return tuple(
            sorted(
                path.name
                for path in self._root.iterdir()
                if path.is_dir() and ID.fullmatch(path.name)
            )
        )

    def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot; one that is gone already is no error."""
        folder = self._folder(snapshot_id)
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            raise unwritable(snapshot_id, error) from error

    def command(self, snapshot_id: str, redis_url: str) -> str:
        """Return the shell line that restores a snapshot without the bot; a password or a key is never shown."""
        folder = shlex.quote(str(self._folder(snapshot_id).absolute()))
        if self._encrypted(snapshot_id):
            opened = f"{shlex.quote(sys.executable)} -m bot.effects.snapshots.frames_out {folder}"
            return replay_line(opened, redis_url)
        return replay_line(f"zstd -dc {folder}/{SEGMENTS}", redis_url)

    def _encrypted(self, snapshot_id: str) -> bool:
        try:
            manifest = read_manifest(self._folder(snapshot_id), self._keys.hmac)
        except BadManifest:
            manifest = None
        return bool(self._keys.key_id if manifest is None else manifest.key_id)

    def _folder(self, snapshot_id: str) -> Path:
        if not ID.fullmatch(snapshot_id):
            raise Refusal(
                code=Code.BAD_REQUEST,
                failed="This is no snapshot's name.",
                expected="letters, digits and . _ - , starting with a letter or digit, at most 64.",
                retry_is_safe=True,
            )
        return self._root / snapshot_id

    def _existing(self, snapshot_id: str) -> Path:
        folder = self._folder(snapshot_id)
        if not folder.is_dir():
            raise Refusal(
                code=Code.SNAPSHOT_EXPIRED,
                failed=f"There is no snapshot {snapshot_id}: it expired, or nothing was taken out yet.",
                expected=f"a folder {snapshot_id} among the snapshots.",
                retry_is_safe=True,
            )
        return folder
