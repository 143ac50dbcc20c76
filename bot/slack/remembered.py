"""What Slack said last, for how long it is fresh, and how old it may be when Slack says nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from bot.release.membership import Unreachable

log = logging.getLogger(__name__)

Value = TypeVar("Value")

REST = timedelta(seconds=5)
MOST = 10_000


class Peace:
    """After a failure an API is left in peace for 5 s, so that a press is slowed by it once and not again."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Begin without any failure."""
        self._now = now
        self._until: datetime | None = None
        self._why = ""

    def ask(self, question: Callable[[], Value]) -> Value:
        """Return the answer; raise Unreachable where there is none, and at once for a while after that."""
        if self._until is not None and self._now() < self._until:
            raise Unreachable(self._why)
        try:
            return question()
        except Unreachable as silent:
            if not silent.lasting:
                self._until, self._why = self._now() + REST, str(silent)
            raise


class Remembered(Generic[Value]):
    """Answers by key, fresh where possible, remembered where Slack is silent."""

    def __init__(
        self, fetch: Callable[[str], Value], now: Callable[[], datetime], peace: Peace
    ) -> None:
        """Take `fetch`, which raises Unreachable where Slack is silent; `peace` is shared by all of one API."""
        self._fetch = fetch
        self._now = now
        self._peace = peace
        self._kept: dict[str, tuple[Value, datetime]] = {}
        self._locks: dict[str, Lock] = {}
        self._guard = Lock()

    def get(self, key: str, *, fresh: timedelta, oldest: timedelta) -> Value:
        """Return an answer younger than `fresh`, asking for it if need be; else one younger than `oldest`."""
        known = self._young(key, fresh)
        if known is not None:
            return known[0]
        with self._lock(key):
            known = self._young(key, fresh)
            if known is not None:
                return known[0]
            try:
                return self._ask(key)
            except Unreachable as silent:
                last = self._young(key, oldest)
                if last is None:
                    raise
                log.warning("using what was remembered of %s: %s", key, silent)
                return last[0]

    def _ask(self, key: str) -> Value:
        value = self._peace.ask(lambda: self._fetch(key))
        with self._guard:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = (value, self._now())
        return value

    def _young(self, key: str, age: timedelta) -> tuple[Value, datetime] | None:
        kept = self._kept.get(key)
        return kept if kept is not None and self._now() - kept[1] <= age else None

    def _lock(self, key: str) -> Lock:
        with self._guard:
            return self._locks.setdefault(key, Lock())
