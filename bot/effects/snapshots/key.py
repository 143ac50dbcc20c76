"""The keys of snapshots: one signs, made once where none is given; one encrypts, where it is given."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from bot.effects.snapshots.cipher import Cipher
from bot.release.reading import Unfit

NAME = "hmac.key"
KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class SnapshotKeys:
    """`hmac` signs every snapshot; `encryption` is 32 bytes, or None where snapshots are written in plain."""

    hmac: bytes = field(repr=False)
    encryption: bytes | None = field(default=None, repr=False)

    @property
    def key_id(self) -> str:
        """Return which encryption key this is, without telling it; empty without one."""
        return "" if self.encryption is None else key_id(self.encryption)

    def cipher(self, snapshot_id: str) -> Cipher | None:
        """Return what encrypts that snapshot."""
        if self.encryption is None:
            return None
        return Cipher(self.encryption, self.key_id, snapshot_id)


def key_id(key: bytes) -> str:
    """Return the start of the key's hash, 16 hex digits."""
    return hashlib.sha256(b"cache-release key id " + key).hexdigest()[:16]


def encryption_key(text: str) -> bytes:
    """Return the 32 bytes that are written in hex or base64; ValueError where they are not."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    if re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text):
        standard = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            return base64.b64decode(standard + "=", validate=True)
        except binascii.Error as error:
            raise ValueError("no base64") from error
    raise ValueError(f"not {KEY_BYTES} bytes")


def read_encryption_key(text: str) -> SecretStr:
    """Return the setting's text where it holds a key; Unfit with how to make one where not."""
    try:
        encryption_key(text)
    except ValueError as error:
        raise Unfit(
            found=f"{len(text)} characters that are no such key",
            expected=f"{KEY_BYTES} bytes in hex (64 digits) or base64 (44 characters)",
            hint="Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'.",
        ) from error
    return SecretStr(text)


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
