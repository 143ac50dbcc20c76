"""The waves of a purge: which keys go first, chosen by their hash so that a wave repeats exactly."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

PARTS = 10_000


@dataclass(frozen=True, kw_only=True)
class Wave:
    """The keys whose part is at least `first` and below `last`; there are 10,000 parts."""

    first: int = 0
    last: int = PARTS

    @property
    def whole(self) -> bool:
        """Return whether it is every key."""
        return self.first == 0 and self.last == PARTS

    def holds(self, key: bytes) -> bool:
        """Return whether the key goes in this wave."""
        return self.whole or self.first <= part_of(key) < self.last


WHOLE = Wave()


def part_of(key: bytes) -> int:
    """Return which of 10,000 parts a key belongs to, by its CRC-32: the same today and after a restart."""
    return zlib.crc32(key) % PARTS


def waves_of(percents: Sequence[float]) -> tuple[Wave, ...]:
    """Return the waves that reach these rising shares of the keys in percent, the last of them 100."""
    ends = [round(percent * PARTS / 100) for percent in percents]
    return tuple(
        Wave(first=first, last=last) for first, last in zip([0, *ends], ends, strict=False)
    )
