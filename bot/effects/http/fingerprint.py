"""How a secret is named where people read."""

from __future__ import annotations

import hashlib


def fingerprint(secret: str) -> str:
    """Return the first 8 hex digits of the secret's SHA-256: enough to tell two apart, too few to guess it from."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]
