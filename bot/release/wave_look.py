"""The short look between two waves of a purge: what it saw, and whether the purge may go on by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from bot.release.records import Json, Outcome

SLOWER_RATIO = 2.0
# Under this a rise is what a busy host or the network adds by itself.
SLOWER_MS = 100.0
BUSY_MS = 20.0


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One anonymous GET; `round` counts from 1, `hit` is None where no header says it."""

    path: str
    control: bool
    round: int
    status: int
    ms: float
    hit: bool | None
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Return whether no page came back."""
        return self.error is not None or self.status >= 400


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What one look saw of the route's pages; times are medians in milliseconds, without the first round.

    `cold` are misses of the cache, `still_cold` those of the last round; `worst` names a failure.
    """

    requests: int
    failed: int
    cold: int
    still_cold: int
    ms: float | None
    control_ms: float | None
    worst: str | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """May the purge go on by itself? One sentence of evidence."""

    outcome: Outcome
    evidence: str


def glance(samples: Sequence[Sample]) -> Glance:
    """Return what the samples say."""
    mine = [row for row in samples if not row.control]
    last = max((row.round for row in samples), default=0)
    bad = [row for row in mine if row.failed]
    return Glance(
        requests=len(mine),
        failed=len(bad),
        cold=sum(row.hit is False for row in mine),
        still_cold=sum(row.hit is False for row in mine if row.round == last),
        ms=_median(mine),
        control_ms=_median([row for row in samples if row.control]),
        worst=_worst(bad[0]) if bad else None,
    )


def _median(rows: Sequence[Sample]) -> float | None:
    # The first round pays for what was taken out; whether the cache fills again is seen after it.
    times = [row.ms for row in rows if row.round > 1 and not row.failed]
    return round(median(times), 1) if times else None


def _worst(row: Sample) -> str:
    return f"{row.path}: {row.error}" if row.error else f"{row.path} answered {row.status}"


def judge(before: Glance | None, after: Glance) -> Judged:
    """Say whether the purge may go on: fail for new errors, unsure for what a person should look at."""
    if after.requests == 0:
        return Judged(outcome=Outcome.UNSURE, evidence="No page of the route could be looked at.")
    if after.failed > (0 if before is None else before.failed):
        was = 0 if before is None else before.failed
        return Judged(
            outcome=Outcome.FAIL,
            evidence=f"{after.failed} of {after.requests} requests failed, {was} before the purge: {after.worst}.",
        )
    if after.failed:
        return Judged(
            outcome=Outcome.UNSURE,
            evidence=f"{after.failed} of {after.requests} requests failed, as before the purge: {after.worst}.",
        )
    for problem in (does_not_fill(before, after), slower(before, after)):
        if problem is not None:
            return Judged(outcome=Outcome.UNSURE, evidence=problem)
    return Judged(outcome=Outcome.PASS, evidence=well(before, after))


def does_not_fill(before: Glance | None, after: Glance) -> str | None:
    """Return in a sentence that pages still miss the cache when they are asked for again; None where they do not."""
    if before is None or after.still_cold <= before.still_cold:
        return None
    pages = "1 page is" if after.still_cold == 1 else f"{after.still_cold} pages are"
    return f"{pages} still no cache hit when asked for again: the cache does not fill."


def slower(before: Glance | None, after: Glance) -> str | None:
    """Return in a sentence that the pages are slower, the control page's own change taken out; None where not."""
    if before is None or before.ms is None or after.ms is None:
        return None
    usual = _expected(before.ms, before.control_ms, after.control_ms)
    if after.ms <= usual * SLOWER_RATIO or after.ms - usual <= SLOWER_MS:
        return None
    return f"The pages take {after.ms:.0f} ms now, {before.ms:.0f} ms before the purge."


def _expected(usual: float, before: float | None, after: float | None) -> float:
    """Return what the page would take if it got slower as its control page did: by as much, or by the same factor.

    What a busy host adds is not multiplied: a control page of 2 ms that takes 40 excuses no page of 200 instead of 10.
    """
    if before is None or after is None or after <= before:
        return usual
    return max(usual + after - before, usual * (after + BUSY_MS) / (before + BUSY_MS))


def well(before: Glance | None, after: Glance) -> str:
    """Return what is said of a look that is well."""
    asked = f"{after.requests} requests, none failed"
    now = "" if after.ms is None else f", {after.ms:.0f} ms"
    was = "" if before is None or before.ms is None else f" ({before.ms:.0f} ms before)"
    cold = "" if not after.cold else f", {after.cold} cold"
    return f"{asked}{now}{was}{cold}."


def glance_json(seen: Glance) -> Json:
    """Return the look as JSON."""
    return asdict(seen)


def glance_from_json(value: Json | None) -> Glance | None:
    """Return the look that `glance_json` wrote."""
    return None if value is None else Glance(**value)
