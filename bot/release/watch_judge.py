"""The judgement of one look of a watch: what it saw, in one word and one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from bot.release.watching import Word
from bot.release.wave_look import Glance, does_not_fill, slower, well

# A cache that gives this share of what it gave before counts as warm.
WARM = 0.95
FAILING = 0.2


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look saw. `pages` are the glances by path; `leak` is a sentence, None where nobody got another's page.

    `untold` says in a sentence why the leak probe says nothing.
    """

    pages: tuple[tuple[str, Glance | None, Glance], ...]
    leak: str | None = None
    untold: str | None = None


def judge(seen: Seen, *, cold: bool, changed: str | None = None) -> tuple[Word, str]:
    """Return what a look is called, and one sentence of evidence: the gravest thing that was seen.

    `cold` says that the cache is expected to refill still: then a page that is slow or misses is no surprise.
    A leak and a failing page count at any time. `changed` says which cache header is not as it was.
    """
    if seen.leak is not None:
        return Word.LEAK, seen.leak
    if not seen.pages:
        return Word.UNSURE, "No page of the route could be looked at."
    return _failures(seen) or _pace(seen, cold=cold) or _rest(seen, changed)


def _failures(seen: Seen) -> tuple[Word, str] | None:
    asked = sum(after.requests for _, _, after in seen.pages)
    failed = sum(after.failed for _, _, after in seen.pages)
    if not failed:
        return None
    worst = next(after.worst for _, _, after in seen.pages if after.failed)
    said = f"{failed} of {asked} requests failed: {worst}."
    return (Word.FAILING if failed > FAILING * asked else Word.UNSURE), said


def _pace(seen: Seen, *, cold: bool) -> tuple[Word, str] | None:
    for word, finds in ((Word.SLOWER, slower), (Word.UNSURE, does_not_fill)):
        for path, before, after in seen.pages:
            problem = finds(before, after)
            if problem is not None:
                return Word.COLD if cold else word, f"{path}: {problem}"
    return None


def _rest(seen: Seen, changed: str | None) -> tuple[Word, str]:
    for problem in (changed, seen.untold):
        if problem is not None:
            return Word.UNSURE, problem
    path, before, after = seen.pages[0]
    return Word.OK, f"{path}: {well(before, after)}"


def refills(
    hits: float | None, before: float | None, last: float | None, *, minutes: float, most: float
) -> bool:
    """Return whether the cache is still refilling: so soon after the purge, under what it gave, and not falling.

    `hits` is the share now, `before` the one before the purge, `last` that of the look before; None where not known.
    `minutes` have gone by since the purge, at most `most` are given. A share that is not known is given them too.
    """
    if minutes > most:
        return False
    if hits is None:
        return True
    return hits < (before or 1.0) * WARM and (last is None or hits >= last - (1 - WARM))


def cold_minutes(limit: int, to_warm: float | None) -> float:
    """Return how many minutes a cache is given to refill: twice what was foretold, at least one, at most the limit."""
    return float(limit) if to_warm is None else min(float(limit), max(1.0, 2 * to_warm))
