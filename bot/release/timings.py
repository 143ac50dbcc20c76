"""A window of response times of one page, as it was measured and is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.release.hit_ratio import Hits
from bot.release.records import Json

HIT, MISS, UNTOLD = "h", "m", "?"


@dataclass(frozen=True, kw_only=True)
class Series:
    """One window of a page: good samples of it and of its control page in ms, and how many requests failed.

    `marks` has one letter a sample of the page: hit, miss, or where no header said it. `paced` tells whether
    times are counted from when each request was due, or from when it was sent. `warm` tells whether the last
    two warm-ups were hits. `fresh` holds the phases of a new connection in ms, `source` who measured.
    """

    path: str
    page: tuple[float, ...]
    control: tuple[float, ...] = ()
    failed: int = 0
    control_failed: int = 0
    worst: str = ""
    marks: str = ""
    paced: bool = True
    warm: bool = True
    fresh: Json | None = None
    source: str = ""

    @property
    def asked(self) -> int:
        """Return how many requests for the page count."""
        return len(self.page) + self.failed

    @property
    def hits(self) -> tuple[float, ...]:
        """Return the samples that came from the cache."""
        return tuple(ms for ms, mark in zip(self.page, self.marks, strict=False) if mark == HIT)

    @property
    def counted(self) -> Hits:
        """Return how many samples are hits and misses."""
        return Hits(hits=self.marks.count(HIT), misses=self.marks.count(MISS))

    def with_more(self, more: Series) -> Series:
        """Return both windows as one."""
        return Series(
            path=self.path,
            page=self.page + more.page,
            control=self.control + more.control,
            failed=self.failed + more.failed,
            control_failed=self.control_failed + more.control_failed,
            worst=self.worst or more.worst,
            marks=self.marks + more.marks,
            paced=self.paced and more.paced,
            warm=self.warm,
            fresh=self.fresh or more.fresh,
            source=self.source,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the window as it is kept, raw samples and all."""
        return asdict(self) | {"misses": self.counted.misses}


def read_series(kept: Json | None, path: str) -> Series | None:
    """Return the window that was kept, None where there is none or it is of another page."""
    if kept is None or kept["path"] != path:
        return None
    known = {name: kept[name] for name in Series.__dataclass_fields__ if name in kept}
    return Series(**known | {name: tuple(kept[name]) for name in ("page", "control")})


def from_schedule(own: Sequence[float], every: float) -> tuple[list[float], bool]:
    """Return times counted from when each request was due, and whether the schedule could be kept.

    `own` is how long each request took by itself; one client sends one every `every` seconds, one
    after another, so a stall counts for all who wait behind it (Gil Tene's coordinated omission). Where the
    requests together take longer than the schedule lasts, waiting says nothing about the page: then the
    times are their own.
    """
    if sum(own) > every * len(own):
        return list(own), False
    times, free = [], 0.0
    for place, took in enumerate(own):
        due = place * every
        free = max(due, free) + took
        times.append(free - due)
    return times, True
