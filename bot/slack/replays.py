"""Whether a signed request was heard before: whoever recorded one cannot send it again."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import datetime, timedelta
from typing import Protocol

from bot.release.refusal import Refusal
from bot.slack.seen import Seen

log = logging.getLogger(__name__)

REMEMBERED_FOR = timedelta(minutes=10)
"""Twice Slack's window of five minutes: a signature from a clock that is ahead stays good for that long."""
PATIENCE_S = 1.0
AT_ONCE = 8


class HeardLedger(Protocol):
    """What the door asks of the ledger."""

    def first_heard(self, key: str, at: datetime) -> bool:
        """Record the request; False where it is known."""
        ...


class Replays:
    """Remembers requests for ten minutes, in the ledger and so over all processes.

    A ledger that does not answer in a second turns nothing away: a rollback must get in, and without the ledger
    nothing is changed anyway. This process remembers its own requests meanwhile.
    """

    def __init__(self, ledger: HeardLedger, now: Callable[[], datetime]) -> None:
        """Take the ledger and the clock."""
        self._ledger = ledger
        self._now = now
        self._here = Seen()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack-heard")

    def first(self, timestamp: str, signature: str) -> bool:
        """Return whether a request with this timestamp and signature comes for the first time."""
        key = hashlib.sha256(f"{timestamp}:{signature}".encode()).hexdigest()
        if not self._here.first(key):
            return False
        asked = self._pool.submit(self._ledger.first_heard, key, self._now())
        try:
            return asked.result(timeout=PATIENCE_S)
        except (TooLate, Refusal) as silent:
            log.warning("the ledger does not say what was heard: %s", type(silent).__name__)
            return True
