"""The judgement of one look of a watch, and what two of them in a row call for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.release.records import Json, Measurement, Outcome
from bot.release.wave_look import Glance, does_not_fill, slower, well

# A cache that gives this share of what it gave before counts as warm.
WARM = 0.95
FAILING = 0.2
AUTO_ROLLBACK_WITHIN = timedelta(minutes=20)


class Word(StrEnum):
    """What a look is called on the card."""

    OK = "OK"
    COLD = "still cold"
    SLOWER = "SLOWER"
    LEAK = "LEAK"
    FAILING = "FAILING"
    UNSURE = "NOT SURE"


class Call(StrEnum):
    """What a look calls for: a person's eyes, or the people on call."""

    ASK = "ask"
    PAGE = "page"


OUTCOME = {
    Word.OK: Outcome.PASS,
    Word.COLD: Outcome.PASS,
    Word.SLOWER: Outcome.FAIL,
    Word.LEAK: Outcome.FAIL,
    Word.FAILING: Outcome.FAIL,
    Word.UNSURE: Outcome.UNSURE,
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look saw. `pages` are the glances by path; `leak` is a sentence, None where nobody got another's page.

    `untold` says in a sentence why the leak probe says nothing.
    """

    pages: tuple[tuple[str, Glance | None, Glance], ...]
    leak: str | None = None
    untold: str | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """One minute of a watch; `hits` is a share of 0 to 1, None where no header says it; `ms` is the median.

    `called` are the people and groups whom its call went to.
    """

    number: int
    at: datetime
    word: Word
    evidence: str
    hits: float | None = None
    ms: float | None = None
    call: Call | None = None
    called: tuple[str, ...] = ()
    headers: Json = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """Return what it says of the release."""
        return OUTCOME[self.word]

    @property
    def counts(self) -> bool:
        """Return whether it is for or against the release."""
        return self.word is not Word.COLD


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


def changed_header(looks: Sequence[Look], now: Json) -> str | None:
    """Return in a sentence which cache header of a page is not as the first look saw it; None where all are."""
    first = next((look.headers for look in looks if look.headers), {})
    for path, was in first.items():
        for name, title in (("cache_control", "Cache-Control"), ("vary", "Vary")):
            seen = now.get(path, was)
            if seen[name] != was[name]:
                return (
                    f"{path}: {title} is {seen[name] or 'gone'} now, it was {was[name] or 'none'}."
                )
    return None


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


def call_of(before: Sequence[Look], now: Look) -> Call | None:
    """Return what the look calls for, with those before it: two in a row that are not well, and each call once.

    Two SLOWER or LEAK or FAILING in a row page; two that are not well ask. A look that is well ends the row.
    """
    row = _row([*before, now])
    if len(row) < 2 or not now.counts:
        return None
    called = {look.call for look in row}
    if all(look.outcome is Outcome.FAIL for look in row[-2:]):
        return None if Call.PAGE in called else Call.PAGE
    return None if called & {Call.ASK, Call.PAGE} else Call.ASK


def _row(looks: Sequence[Look]) -> list[Look]:
    """Return the looks since the last that was well, oldest first, without those that do not count."""
    row: list[Look] = []
    for look in reversed([look for look in looks if look.counts]):
        if look.outcome is Outcome.PASS:
            break
        row.insert(0, look)
    return row


def rolls_back(looks: Sequence[Look], now: datetime) -> Look | None:
    """Return the look for which a release that may roll itself back does so now; None where there is none.

    The first of the two looks that called for it must be at most 20 minutes old, and nothing was well since.
    """
    row = _row(looks)
    for first, second in pairwise(row):
        if second.call is Call.PAGE and now - first.at <= AUTO_ROLLBACK_WITHIN:
            return second
    return None


def numbers_of(look: Look) -> Json:
    """Return the look as it is kept."""
    kept = asdict(look)
    del kept["at"]
    call = None if look.call is None else str(look.call)
    return {**kept, "word": str(look.word), "call": call, "called": list(look.called)}


def look_of(kept: Measurement) -> Look:
    """Return the look that was kept."""
    call = kept.numbers["call"]
    return Look(
        **{
            **kept.numbers,
            "at": kept.at,
            "word": Word(kept.numbers["word"]),
            "call": None if call is None else Call(call),
            "called": tuple(kept.numbers["called"]),
        }
    )
