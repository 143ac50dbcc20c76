"""Files and folders that are for the bot's user alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

OTHERS = 0o077


def private_folder(folder: Path) -> None:
    """Make a folder with mode 0700; one that is there stays as it is: it may be somebody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def private_file(path: Path) -> None:
    """Make an empty file with mode 0600, in a folder with 0700; take from others what they may on one of ours.

    SQLite gives its journal files the mode of the database file.
    """
    private_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        found = os.fstat(handle)
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & OTHERS:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def mode_of(path: Path) -> int | None:
    """Return the permission bits of a file or folder, None where it is not there."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
