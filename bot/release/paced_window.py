"""From single requests on a fixed schedule to the window of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.release.phases import Phases
from bot.release.timings import HIT, MISS, UNTOLD, Series, from_schedule

PAGE, CONTROL = "page", "control"
WARM_UP, CONTROL_WARM_UP = "warm-up", "control warm-up"
FRESH = "fresh"
WITHOUT_PHASES = "elapsed (no phases)"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One request; `label` says what it is for, `seconds` is its own time, `problem` is empty for a good page.

    `hit` is None where no header says it, `phases` where the connection was not timed.
    """

    label: str
    seconds: float
    problem: str = ""
    hit: bool | None = None
    phases: Phases | None = None

    @property
    def took(self) -> float:
        """Return its own time in seconds, by its connection where that was timed."""
        return self.seconds if self.phases is None else self.phases.total / 1000


def series_of(path: str, shots: Sequence[Shot], *, every: float) -> Series:
    """Return the window of a page; `shots` are in the order of the schedule, one each `every` seconds.

    Warm-ups are dropped together with the wait they cause. A failed request is counted, never dropped.
    """
    measured = [shot for shot in shots if shot.label in {PAGE, CONTROL}]
    times, paced = from_schedule([shot.took for shot in measured], every)
    timed = [
        (shot, round(seconds * 1000, 2)) for shot, seconds in zip(measured, times, strict=True)
    ]
    good = [(shot, ms) for shot, ms in timed if not shot.problem]
    page = [shot for shot, _ in good if shot.label == PAGE]
    failed = [shot for shot in measured if shot.problem]
    warm_ups = [shot.hit for shot in shots if shot.label == WARM_UP]
    fresh = next((shot.phases for shot in shots if shot.label == FRESH and not shot.problem), None)
    return Series(
        path=path,
        page=tuple(ms for shot, ms in good if shot.label == PAGE),
        control=tuple(ms for shot, ms in good if shot.label == CONTROL),
        failed=sum(shot.label == PAGE for shot in failed),
        control_failed=sum(shot.label == CONTROL for shot in failed),
        worst=next((shot.problem for shot in failed if shot.label == PAGE), ""),
        marks="".join(UNTOLD if shot.hit is None else HIT if shot.hit else MISS for shot in page),
        paced=paced,
        warm=all(warm_ups[-2:]),
        fresh=None if fresh is None else fresh.as_json(),
        source="" if any(shot.phases for shot in measured) else WITHOUT_PHASES,
    )
