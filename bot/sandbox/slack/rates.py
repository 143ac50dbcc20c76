"""How many calls a method may take, as Slack's rate tiers say, and when to come back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most `calls` in any `seconds`; counted by channel where `per_channel` says so."""

    calls: int
    seconds: float = 60.0
    per_channel: bool = False


TIER_1 = Rate(calls=1)
TIER_2 = Rate(calls=20)
TIER_3 = Rate(calls=50)
TIER_4 = Rate(calls=100)
GENEROUS = Rate(calls=600)
# One message a second and channel in the long run, with bursts of ten.
POSTING = Rate(calls=10, seconds=10.0, per_channel=True)


class Rates:
    """Counts calls and says how many seconds a caller over its rate has to wait."""

    def __init__(self, *, strict: bool, now: Callable[[], float]) -> None:
        self._strict = strict
        self._now = now
        self._set: dict[str, Rate] = {}
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def set(self, method: str, rate: Rate) -> None:
        """Give one method another rate, which holds even where rates are not strict."""
        self._set[method] = rate

    def wait(self, method: str, rate: Rate, channel: str) -> int | None:
        """Count one call; return the whole seconds of Retry-After, or None where it may go on.

        A call that is sent away does not count.
        """
        if method not in self._set and not self._strict:
            return None
        rate = self._set.get(method, rate)
        seen = self._seen.setdefault((method, channel if rate.per_channel else ""), deque())
        now = self._now()
        while seen and seen[0] <= now - rate.seconds:
            seen.popleft()
        if len(seen) >= rate.calls:
            return max(1, math.ceil(seen[0] + rate.seconds - now))
        seen.append(now)
        return None
