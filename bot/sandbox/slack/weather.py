"""A bad day: calls that are sent away, fail or lose their answer at random, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from bot.sandbox.slack.troubles import Trouble


@dataclass(kw_only=True)
class Weather:
    """How likely each trouble is, from 0 to 1, for the methods that it names.

    `too_fast` is a 429, `broken` a 500 of which half take effect, `silent` an answer that comes after
    `silence` seconds, which no client waits for, though the call took effect.
    """

    seed: int
    methods: frozenset[str]
    too_fast: float = 0.0
    broken: float = 0.0
    silent: float = 0.0
    silence: float = 12.0
    met: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin the row of chances."""
        self._chance = random.Random(self.seed)  # noqa: S311 # a test's weather, no secret

    def take(self, method: str) -> Trouble | None:
        """Return the trouble that the next call of a method meets, or None."""
        if method not in self.methods:
            return None
        roll, after = self._chance.random(), self._chance.random() < 0.5
        for name, share, trouble in (
            ("429", self.too_fast, Trouble(status=429, retry_after=1)),
            ("500", self.broken, Trouble(status=500, after=after)),
            ("silence", self.silent, Trouble(delay=self.silence, after=True)),
        ):
            if roll < share:
                self.met[name] = self.met.get(name, 0) + 1
                return trouble
            roll -= share
        return None
