"""Second factors by time (TOTP): made, sealed with AES-256-GCM for one person each, and compared."""

from __future__ import annotations

import base64
import os
import secrets
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.release.step_up import UnreadableError

STEP_S = 30
NONCE_BYTES = 12
INFO = b"cache-release step-up"


class TotpCodes:
    """Codes of six digits, SHA-1, a new one each 30 s: what every authenticator app reads (RFC 6238)."""

    def __init__(self, key: bytes) -> None:
        """Take the 32 bytes that secrets are sealed with."""
        own = HKDF(algorithm=SHA256(), length=32, salt=None, info=INFO).derive(key)
        self._gcm = AESGCM(own)

    def new(self, person: str) -> str:
        """Return a new secret of 160 bits (RFC 4226 section 4, R6), sealed for that person."""
        nonce = os.urandom(NONCE_BYTES)
        secret = pyotp.random_base32()
        sealed = self._gcm.encrypt(nonce, secret.encode(), person.encode())
        return base64.b64encode(nonce + sealed).decode()

    def shown(self, person: str, sealed: str) -> str:
        """Return the secret in base32; raise UnreadableError where another key or another person sealed it."""
        raw = base64.b64decode(sealed)
        try:
            opened = self._gcm.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], person.encode())
        except InvalidTag as error:
            raise UnreadableError from error
        return opened.decode()

    def counter(self, person: str, sealed: str, code: str, at: datetime) -> int | None:
        """Return the step the code is of: that of `at` or a neighbour, as clocks differ (RFC 6238 section 6)."""
        totp = pyotp.TOTP(self.shown(person, sealed))
        now = int(at.timestamp()) // STEP_S
        found = None
        for step in (now - 1, now, now + 1):
            if secrets.compare_digest(totp.generate_otp(step), code):
                found = step
        return found
