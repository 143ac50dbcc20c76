"""How many requests a host may get from this process in a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class RateCeiling:
    """Turns for each host, an equal time apart, whoever asks: no second holds more than `per_second` of them."""

    def __init__(
        self,
        per_second: float,
        *,
        timer: Callable[[], float] = time.perf_counter,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep to that many requests a second; `timer` is a monotonic time, `wait` a pause, in seconds."""
        self._apart = 1 / per_second
        self._timer, self._wait = timer, wait
        self._free: dict[str, float] = {}
        self._one = threading.Lock()

    def enter(self, host: str) -> float:
        """Wait for the host's next turn; return how many seconds that took out of the asker's own time."""
        with self._one:
            now = self._timer()
            turn = max(now, self._free.get(host, now))
            self._free[host] = turn + self._apart
        if turn > now:
            self._wait(turn - now)
        return turn - now
