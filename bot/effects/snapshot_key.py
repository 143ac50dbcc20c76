"""The key that signs snapshots, made once where none is given."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

NAME = "hmac.key"


def snapshot_key(folder: Path, given: str | None) -> bytes:
    """Return the given key, or the one in the folder's `hmac.key`, made at the first call with mode 0600."""
    if given is not None:
        return given.encode()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / NAME
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    return path.read_bytes()
