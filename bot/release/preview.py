"""What one look at a server found for a plan."""

from __future__ import annotations

from dataclasses import dataclass

from bot.release.forecast import Forecast
from bot.release.plan import PatternCount


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a look at a server found; `source` says in a sentence where it was read, if the catalog names a replica."""

    patterns: tuple[PatternCount, ...]
    database_keys: int
    forecast: Forecast | None = None
    source: str = ""
