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

    A file that is there is not opened: closing it would drop the locks that SQLite holds on it in this process
    (https://www.sqlite.org/howtocorrupt.html, 2.2). SQLite gives its journal files the mode of the database file.
    """
    private_folder(path.parent)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        found = path.stat()
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & OTHERS:
            path.chmod(0o600)


def mode_of(path: Path) -> int | None:
    """Return the permission bits of a file or folder, None where it is not there."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
