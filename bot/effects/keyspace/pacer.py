"""Leaves the server to others: a share of the time, a ceiling of keys a second, and more where it is under strain."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.effects.keyspace.pulse import Pulse
from bot.release.pace import Tempo

NAP_S = 0.001
LONGEST_NAP_S = 0.25
FEEL_EVERY_S = 0.5
BACK_OFF_S, MOST_BACK_OFF_S = 0.05, 1.0


class Pacer:
    """Sleeps between requests as the tempo of the moment asks; naps under 1 ms would last longer than they say."""

    def __init__(self, tempo: Callable[[], Tempo], pulse: Pulse | None = None) -> None:
        """Start to count now; without a pulse nothing is felt."""
        self._tempo = tempo
        self._pulse = pulse
        self._woke = self._felt = time.monotonic()
        self._owed = 0.0
        self._back_off = 0.0
        self._ahead_until = self._woke
        self.held_back = ""
        """Why it is slower than asked for, in a few words; empty where it is not."""

    def rest(self, keys: int) -> None:
        """Sleep for what was worked since the last rest; `keys` were dealt with meanwhile."""
        tempo, now = self._tempo(), time.monotonic()
        self._owed += (now - self._woke) * (1 / tempo.duty - 1)
        if tempo.keys_per_s is not None:
            self._ahead_until = max(self._ahead_until, now) + keys / tempo.keys_per_s
            self._owed = max(self._owed, self._ahead_until - now)
        self._woke = now
        if self._owed >= NAP_S:
            self._sleep(min(self._owed, LONGEST_NAP_S))
            self._owed = 0.0
        if self.held_back or now - self._felt >= FEEL_EVERY_S:
            self._feel()

    def _feel(self) -> None:
        """Hold back twice as long each time, until the server is well again."""
        self.held_back = "" if self._pulse is None else self._pulse.feel()
        self._felt = time.monotonic()
        if not self.held_back:
            self._back_off = 0.0
            return
        self._back_off = min(MOST_BACK_OFF_S, max(BACK_OFF_S, 2 * self._back_off))
        self._sleep(self._back_off)

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        self._woke = time.monotonic()
