"""What Slack said last, for how long it is fresh, and how old it may be when Slack says nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Value = TypeVar("Value")

REST = timedelta(seconds=5)
MOST = 10_000


class Unreachable(Exception):
    """Slack did not answer, and nothing that is young enough is remembered."""


class Peace:
    """After a failure Slack is left in peace for 5 s, so that a press is slowed by it once and not again."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Begin without any failure."""
        self._now = now
        self._until: datetime | None = None

    def kept(self) -> bool:
        """Return whether Slack is not to be asked now."""
        return self._until is not None and self._now() < self._until

    def keep(self) -> None:
        """Remember a failure."""
        self._until = self._now() + REST


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
        if self._peace.kept():
            raise Unreachable("left in peace after a failure")
        try:
            value = self._fetch(key)
        except Unreachable:
            self._peace.keep()
            raise
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
