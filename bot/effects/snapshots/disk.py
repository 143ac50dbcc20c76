"""Writes to a snapshot's folder so that what was written survives, and says why where it cannot."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from bot.effects.snapshots.manifest import sync_folder
from bot.effects.snapshots.proof import segments_of
from bot.release.refusal import Code, Refusal

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND


@dataclass(frozen=True, kw_only=True)
class SnapshotLimits:
    """How large a snapshot and one of its files may get, in bytes."""

    max_bytes: int
    segment_bytes: int


def hold_folder(folder: Path) -> int:
    """Make the folder, lock it for this process and return the lock's descriptor; the kernel frees it at a kill."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)
        lock = os.open(folder / ".lock", FLAGS, 0o600)
    except OSError as error:
        raise unwritable(folder.name, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise Refusal(
            code=Code.SCOPE_BUSY,
            failed=f"Another process is writing snapshot {folder.name}.",
            expected="one writer at a time; try again when that process has ended.",
            retry_is_safe=True,
        ) from error
    return lock


def segment_for(folder: Path, size: int, most: int) -> Path:
    """Return the file that the next `size` bytes belong to; a file holds at most `most` bytes or one batch."""
    segments = segments_of(folder)
    if segments and segments[-1].stat().st_size + size <= most:
        return segments[-1]
    return folder / f"segment-{len(segments) + 1:04d}.resp.zst"


def append_durably(path: Path, data: bytes) -> None:
    """Append all of it and wait for the disk; OSError, and the file as it was before, where that fails."""
    descriptor = os.open(path, FLAGS, 0o600)
    before = os.fstat(descriptor).st_size
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise
    finally:
        os.close(descriptor)
    if before == 0:
        sync_folder(path.parent)


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written there."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def too_large(snapshot_id: str, size: int, limit: int) -> Refusal:
    """Return the Refusal of a snapshot over the limit, in bytes."""
    return Refusal(
        code=Code.SNAPSHOT_TOO_LARGE,
        failed=f"The snapshot {snapshot_id} would take about {size:,} bytes. What it does not hold was not purged.",
        expected=f"at most {limit:,} bytes; take fewer routes at once or raise the limit.",
        retry_is_safe=True,
    )


def unwritable(snapshot_id: str, error: OSError) -> Refusal:
    """Return the Refusal of a snapshot that the disk does not take."""
    return Refusal(
        code=Code.SNAPSHOT_UNWRITABLE,
        failed=f"The snapshot {snapshot_id} cannot be written: {error.strerror or error}. "
        "What it does not hold was not purged.",
        expected="a snapshot folder with free space that the bot may write to.",
        retry_is_safe=True,
    )
