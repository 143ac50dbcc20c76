"""Made-up hosts whose speed drifts between two windows, to count how often the judge is wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from math import exp

from bot.release.slowdown import Change, slowdown

Draw = Callable[[random.Random], float]
Window = list[float]


def lognormal(dice: random.Random) -> float:
    """Return one time around 40 ms, as most pages' times are spread."""
    return 40.0 * exp(dice.gauss(0.0, 0.35))


def with_outliers(dice: random.Random) -> float:
    """Return one time of a steadier page, of which 3 in 100 answers take 3 to 8 times as long."""
    usual = 40.0 * exp(dice.gauss(0.0, 0.25))
    return usual * dice.uniform(3.0, 8.0) if dice.random() < 0.03 else usual


def _window(dice: random.Random, draw: Draw, count: int, level: float) -> Window:
    return [level * draw(dice) for _ in range(count)]


def one_look(
    dice: random.Random,
    draw: Draw,
    *,
    slower: float,
    drift: float,
    count: int = 100,
    control: bool = False,
) -> Change:
    """Return the verdict of one look, without any extension; both pages share the host's drift."""
    levels = [exp(dice.gauss(0.0, drift)) for _ in range(2)]
    page = [
        _window(dice, draw, count, level * change)
        for level, change in zip(levels, (1.0, 1.0 + slower), strict=True)
    ]
    beside = [_window(dice, draw, count, level) for level in levels] if control else None
    seen = slowdown(page[0], page[1], control=None if beside is None else (beside[0], beside[1]))
    assert seen is not None
    return seen.change


def whole_flow(
    dice: random.Random, draw: Draw, *, slower: float, drift: float, count: int = 100
) -> tuple[Change, bool]:
    """Return the verdict as a release reaches it, and whether it took the extension.

    Twice `count` of each page before, `count` after, and as many again after where that is not sure.
    """
    was, now = exp(dice.gauss(0.0, drift)), exp(dice.gauss(0.0, drift))
    before = _window(dice, draw, 2 * count, was)
    control = _window(dice, draw, 2 * count, was)
    after = _window(dice, draw, count, now * (1.0 + slower))
    control_after = _window(dice, draw, count, now)
    seen = slowdown(before, after, control=(control, control_after))
    assert seen is not None
    if seen.change is not Change.NOT_SURE:
        return seen.change, False
    after += _window(dice, draw, count, now * (1.0 + slower))
    control_after += _window(dice, draw, count, now)
    seen = slowdown(before, after, control=(control, control_after))
    assert seen is not None
    return seen.change, True


def shares(verdicts: list[Change]) -> dict[Change, float]:
    """Return how many of 100 verdicts were which."""
    counted = Counter(verdicts)
    return {change: 100 * counted[change] / len(verdicts) for change in Change}
