"""The looks of a watch in a row: what they call for, and how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.release.records import Json, Measurement, Outcome

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
class Look:
    """One minute of a watch; `hits` is a share of 0 to 1, None where no header says it; `ms` is the median,
    `ms_before` that from before the purge.

    `counted` are the lookups that the app's Redis ever found and did not find, `redis_hits` the share found since the
    look before. `called` are the people and groups whom its call went to.
    """

    number: int
    at: datetime
    word: Word
    evidence: str
    hits: float | None = None
    ms: float | None = None
    ms_before: float | None = None
    counted: tuple[int, int] | None = None
    redis_hits: float | None = None
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


def redis_share(
    before: Sequence[Look], begun: tuple[int, int] | None, now: tuple[int, int] | None
) -> float | None:
    """Return the share of lookups that Redis found since the last look that counted them, 0 to 1.

    Of the first look since it was `begun`. None where nobody looked anything up, and where the counters were set back.
    """
    last = next((look.counted for look in reversed(before) if look.counted is not None), begun)
    if now is None or last is None:
        return None
    found, missed = now[0] - last[0], now[1] - last[1]
    if found < 0 or missed < 0 or found + missed == 0:
        return None
    return round(found / (found + missed), 4)


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
    lists = {"called": list(look.called), "counted": look.counted and list(look.counted)}
    return {**kept, **lists, "word": str(look.word), "call": call}


def _pair(kept: Sequence[int] | None) -> tuple[int, int] | None:
    return None if kept is None else (kept[0], kept[1])


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
            "counted": _pair(kept.numbers["counted"]),
        }
    )
