"""Encrypts the batches of a snapshot with AES-256-GCM, each bound to its place."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NAME = "AES-256-GCM"
NONCE_BYTES = 12
TAG_BYTES = 16
GROWTH = NONCE_BYTES + TAG_BYTES


class Unopened(Exception):
    """What was sealed does not open here: it was changed, moved, or sealed with another key."""


class Cipher:
    """Seals and opens the batches of one snapshot."""

    def __init__(self, key: bytes, key_id: str, snapshot_id: str) -> None:
        """Take the 32 bytes of the key and its id; the snapshot gets a key of its own from it (RFC 5869)."""
        info = b"cache-release snapshot " + snapshot_id.encode()
        own = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)
        self.key_id = key_id
        self._snapshot_id = snapshot_id
        self._gcm = AESGCM(own)

    def seal(self, plain: bytes, segment: int, batch: int) -> bytes:
        """Return nonce, ciphertext and tag of the batch with that number in that segment."""
        # Random, not counted: a batch that was cut off after a kill leaves its place to another one,
        # and a counter would then give both the same nonce.
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._gcm.encrypt(nonce, plain, self._place(segment, batch))

    def open(self, sealed: bytes, segment: int, batch: int) -> bytes:
        """Return what was sealed for exactly this place; Unopened otherwise."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        if len(rest) < TAG_BYTES:
            raise Unopened
        try:
            return self._gcm.decrypt(nonce, rest, self._place(segment, batch))
        except InvalidTag as error:
            raise Unopened from error

    def _place(self, segment: int, batch: int) -> bytes:
        return f"{self._snapshot_id}/{segment}/{batch}".encode()
