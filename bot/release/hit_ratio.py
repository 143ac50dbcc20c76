"""Whether the cache answers less often than before, judged apart from how fast it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

RARE = 0.01


@dataclass(frozen=True, kw_only=True)
class Hits:
    """How many answers came from the cache, and how many did not."""

    hits: int
    misses: int

    @property
    def known(self) -> int:
        """Return how many answers said where they came from."""
        return self.hits + self.misses

    @property
    def percent(self) -> float | None:
        """Return the hit ratio; None where no answer said it."""
        return 100 * self.hits / self.known if self.known else None


def chance_of_misses(before: Hits, after: Hits) -> float:
    """Return how often chance alone gives so many misses after: Fisher's exact test, one-sided.

    The misses after are hypergeometric where nothing changed: so many draws from all misses and hits
    (Fisher 1935, The Logic of Inductive Inference). 1.0 where either window says nothing.
    """
    misses, drawn = before.misses + after.misses, after.known
    every = before.known + after.known
    if not before.known or not after.known:
        return 1.0
    ways = sum(
        math.comb(misses, seen) * math.comb(every - misses, drawn - seen)
        for seen in range(after.misses, min(misses, drawn) + 1)
    )
    return ways / math.comb(every, drawn)


def fell(before: Hits, after: Hits) -> bool:
    """Return whether the hit ratio fell by more than chance explains once in a hundred times."""
    return chance_of_misses(before, after) < RARE
