"""A soft purge: keys stay and expire soon, each at a moment of its own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

# A tenth of the time is spread over the keys, so that they do not all expire, and are refilled, at once.
JITTER = 0.1


@dataclass(frozen=True, kw_only=True)
class Soft:
    """One soft pattern: `begun_ms` are the moments (server's Unix time, ms) at which its wave began or went on."""

    pattern: str
    ttl_s: int
    begun_ms: tuple[int, ...]

    def target(self, key: bytes) -> int:
        """Return when the key shall expire at the latest, in Unix ms: between 0.9 and 1 times `ttl_s` from now."""
        return self._target(key, self.begun_ms[-1])

    def is_target(self, key: bytes, expires_at: int) -> bool:
        """Return whether an expiry is the one that this purge, or its run before a pause or crash, gave the key."""
        return any(expires_at == self._target(key, begun) for begun in self.begun_ms)

    def _target(self, key: bytes, begun: int) -> int:
        ttl_ms = self.ttl_s * 1000
        return begun + ttl_ms - zlib.crc32(key) % (int(ttl_ms * JITTER) + 1)
