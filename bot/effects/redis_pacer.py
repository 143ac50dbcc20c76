"""Leaves the server to others: a share of the time, a ceiling of keys a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.release.pace import Tempo

NAP_S = 0.001
LONGEST_NAP_S = 0.25


class Pacer:
    """Sleeps between requests as the tempo of the moment asks; naps under 1 ms would last longer than they say."""

    def __init__(self, tempo: Callable[[], Tempo]) -> None:
        """Start to count now."""
        self._tempo = tempo
        self._woke = time.monotonic()
        self._owed = 0.0
        self._ahead_until = self._woke

    def rest(self, keys: int) -> None:
        """Sleep for what was worked since the last rest; `keys` were dealt with meanwhile."""
        tempo, now = self._tempo(), time.monotonic()
        self._owed += (now - self._woke) * (1 / tempo.duty - 1)
        if tempo.keys_per_s is not None:
            self._ahead_until = max(self._ahead_until, now) + keys / tempo.keys_per_s
            self._owed = max(self._owed, self._ahead_until - now)
        self._woke = now
        if self._owed >= NAP_S:
            time.sleep(min(self._owed, LONGEST_NAP_S))
            self._owed, self._woke = 0.0, time.monotonic()
