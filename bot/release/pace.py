"""How hard a purge and a restore may work the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Pace(StrEnum):
    """What the catalog and the card call it."""

    GENTLE = "gentle"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, kw_only=True)
class Tempo:
    """`budget_us` is the longest one request may keep the server, in microseconds.

    `duty` is the largest share of the time (0 to 1) that our requests may keep it; `keys_per_s` a ceiling, None: none.
    """

    budget_us: int
    duty: float
    keys_per_s: int | None = None

    def within(self, most: Tempo) -> Tempo:
        """Return the gentler of both in every respect."""
        ceilings = [row for row in (self.keys_per_s, most.keys_per_s) if row is not None]
        return Tempo(
            budget_us=min(self.budget_us, most.budget_us),
            duty=min(self.duty, most.duty),
            keys_per_s=min(ceilings, default=None),
        )


TEMPO: Mapping[Pace, Tempo] = {
    Pace.GENTLE: Tempo(budget_us=300, duty=0.5, keys_per_s=10_000),
    Pace.NORMAL: Tempo(budget_us=500, duty=1.0),
    Pace.FAST: Tempo(budget_us=1_000, duty=1.0),
}
UNLIMITED = Tempo(budget_us=1_000_000, duty=1.0)
