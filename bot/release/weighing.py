"""How several outcomes become one."""

from __future__ import annotations

from collections.abc import Iterable

from bot.release.records import Outcome

_WEIGHT = (Outcome.PASS, Outcome.UNSURE, Outcome.FAIL)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return fail before unsure before pass; unsure where there is none, since nothing was seen."""
    return max(outcomes, key=_WEIGHT.index, default=Outcome.UNSURE)
