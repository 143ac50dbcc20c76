"""What one walk of the keyspace looks for: several patterns at once, each key checked for every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.release.scope import common_prefix, escape_glob, matches, to_redis_glob
from bot.release.waves import WHOLE, Wave


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`glob` is for SCAN; where it finds more than the patterns, `expressions` says in Lua which keys are meant."""

    patterns: tuple[str, ...]
    glob: bytes
    expressions: tuple[bytes, ...] = ()
    wave: Wave = WHOLE

    def pattern_of(self, key: bytes) -> str | None:
        """Return the first pattern that the key matches; None where it matches none, or goes in another wave."""
        if not self.wave.holds(key):
            return None
        return next((pattern for pattern in self.patterns if matches(pattern, key)), None)


def wanted_by(patterns: Sequence[str], wave: Wave = WHOLE) -> Wanted:
    """Return one walk for all these patterns: over what starts as all of them do."""
    if len(patterns) == 1:
        return Wanted(patterns=tuple(patterns), glob=to_redis_glob(patterns[0]), wave=wave)
    return Wanted(
        patterns=tuple(patterns),
        glob=escape_glob(common_prefix(patterns).encode()) + b"*",
        expressions=tuple(_in_lua(pattern) for pattern in patterns),
        wave=wave,
    )


def _in_lua(pattern: str) -> bytes:
    """Return the pattern as an anchored Lua pattern (Lua 5.1 §5.4.1): what is no letter or digit is escaped.

    A star at the end needs no anchor: whatever follows is meant.
    """
    ends = b"" if pattern.endswith("*") else b"$"
    return b"^" + b"".join(map(_byte_in_lua, pattern.removesuffix("*").encode())) + ends


def _byte_in_lua(number: int) -> bytes:
    byte = bytes([number])
    match byte:
        case b"*":
            return b".-"
        case b"?":
            return b"."
        case _:
            return byte if byte.isalnum() else b"%" + byte
