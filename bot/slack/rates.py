"""Who asks too often: counted in this process, before Slack or the ledger is asked anything."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from bot.release.rates import Bucket, Rates, take, too_many

MOST = 10_000
ALWAYS_OPEN = "rollback"


class Buckets:
    """A bucket for each name, of the 10,000 names that were seen last."""

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        """Take how many go in a minute, and a clock in seconds."""
        self.per_minute = per_minute
        self._now = now
        self._kept: OrderedDict[str, Bucket] = OrderedDict()
        self._guard = Lock()

    def wait_s(self, name: str) -> float:
        """Take a token and return 0; or take none and return for how many seconds there is none."""
        with self._guard:
            bucket, wait_s = take(self._kept.pop(name, None), self.per_minute, self._now())
            self._kept[name] = bucket
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return wait_s


class RateLimits:
    """Counts what people ask for; each process has its own count, so several processes let more through."""

    def __init__(self, rates: Rates, now: Callable[[], float]) -> None:
        """Take the limits, and a clock in seconds that only goes forward."""
        self._asks = Buckets(rates.asks, now)
        self._clicks = Buckets(rates.clicks, now)
        self._rollbacks = Buckets(rates.rollbacks, now)

    def admit(self, user: str, verb: str, release: int | None) -> None:
        """Count one ask; raise Refusal(TOO_MANY) where it is one too many.

        A rollback counts in the person's own bucket for rollbacks alone: no noise can empty that.
        """
        if verb == ALWAYS_OPEN:
            wait_s = self._rollbacks.wait_s(user)
            if wait_s:
                raise too_many("you asked for many rollbacks", self._rollbacks.per_minute, wait_s)
            return
        wait_s = self._asks.wait_s(user)
        if wait_s:
            raise too_many("you ask too often", self._asks.per_minute, wait_s)
        wait_s = 0.0 if release is None else self._clicks.wait_s(str(release))
        if wait_s:
            raise too_many(f"R-{release} is asked too often", self._clicks.per_minute, wait_s)
