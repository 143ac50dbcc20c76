"""What one walk of the keyspace looks for: several patterns at once, each key checked for every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.release.scope import common_prefix, escape_glob, literal_prefix, matches, to_redis_glob
from bot.release.waves import WHOLE, Wave

START = b"0"
"""The cursor of SCAN at its begin, and at its end."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`glob` is for SCAN, which may find more than the patterns and the wave mean: each key is checked again."""

    patterns: tuple[str, ...]
    glob: bytes
    wave: Wave = WHOLE

    def of(self, page: Sequence[bytes]) -> list[bytes]:
        """Return those of a page of keys that are meant."""
        prefixes = tuple(prefix for prefix in map(_only_prefix, self.patterns) if prefix)
        others = [pattern for pattern in self.patterns if _only_prefix(pattern) is None]
        found = [
            key
            for key in page
            if key.startswith(prefixes) or (others and any(matches(row, key) for row in others))
        ]
        return found if self.wave.whole else [key for key in found if self.wave.holds(key)]

    def pattern_of(self, key: bytes) -> str | None:
        """Return the first pattern that the key matches; None where it matches none, or goes in another wave."""
        if not self.wave.holds(key):
            return None
        return next((pattern for pattern in self.patterns if matches(pattern, key)), None)


def _only_prefix(pattern: str) -> bytes | None:
    """Return what every match starts with, where that alone decides."""
    prefix = literal_prefix(pattern)
    return prefix.encode() if pattern == prefix + "*" else None


def wanted_by(patterns: Sequence[str], wave: Wave = WHOLE) -> Wanted:
    """Return one walk for all these patterns: over what starts as all of them do."""
    shared = escape_glob(common_prefix(patterns).encode()) + b"*"
    glob = to_redis_glob(patterns[0]) if len(patterns) == 1 else shared
    return Wanted(patterns=tuple(patterns), glob=glob, wave=wave)
