"""The way through a keyspace: the server works on one request while the answer of the one before is looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

from redis.exceptions import ResponseError

from bot.effects.keyspace.bites import Bites
from bot.effects.keyspace.connect import RedisLink, packed
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.trouble import refusal_of
from bot.effects.keyspace.wanted import START, Wanted

UNDER_WAY = 2
# At the end of a walk a request is worth sending from this share of its budget on, while another is under way.
WORTH = 0.4

Then = Callable[[list[Any]], None]


class Flow(ABC):
    """SCAN and the work on what it finds, in turns on one connection, each request within its budget."""

    def __init__(self, link: RedisLink, bites: Bites, pacer: Pacer) -> None:
        """Start with nothing under way."""
        self._link = link
        self._bites = bites
        self._pacer = pacer
        self._wanted = Wanted(patterns=(), glob=b"")
        self._cursor: bytes | None = None
        self._scanning = False
        self._pending: deque[bytes] = deque()
        self._under_way: deque[Then] = deque()
        self.scanned = 0
        self.requests = 0

    @abstractmethod
    def _work_us(self) -> float:
        """Return how much work could be sent now, in microseconds of the server's time."""

    @abstractmethod
    def _send_work(self, budget: float) -> None:
        """Send as much of it as fits."""

    @property
    @abstractmethod
    def taken(self) -> int:
        """Return how many keys were dealt with."""

    @property
    def _left(self) -> bool:
        """Return whether there is anything still to be done."""
        return self._cursor is not None or self._scanning or bool(self._pending)

    def _held_back(self) -> bool:
        """Return whether no more keys may be looked for now."""
        return False

    @abstractmethod
    def _wait(self) -> None:
        """Wait for what holds the flow back; nothing is under way."""

    def _walk(self, wanted: Wanted, between: Callable[[], None]) -> None:
        """Go through the keyspace once; `between` is called after every answer, and may raise to stop."""
        self._wanted, self._cursor = wanted, START
        while self._left:
            self._step()
            between()
        self._finish()

    def _finish(self) -> None:
        """Take in what is under way."""
        while self._under_way:
            self._step()

    def _step(self) -> None:
        while len(self._under_way) < UNDER_WAY and self._send():
            pass
        if not self._under_way:
            self._wait()
            return
        before = self.taken
        self._under_way.popleft()(self._link.collect())
        self._pacer.rest(self.taken - before)

    def _send(self) -> bool:
        """Send what is most due; return whether there was anything."""
        budget, waiting = self._bites.budget_us, self._work_us()
        over = self._cursor is None and not self._scanning
        if waiting >= budget or (over and self._under_way and waiting >= budget * WORTH):
            self._send_work(budget)
        elif self._cursor is not None and not self._scanning and not self._held_back():
            self._send_scan(self._cursor)
        elif waiting > 0 and not self._under_way:
            self._send_work(budget)
        else:
            return False
        return True

    def _send_scan(self, cursor: bytes) -> None:
        count = self._bites.buckets
        words = (b"SCAN", cursor, b"MATCH", self._wanted.glob, b"COUNT", count)
        self._scanning = True
        self._post(packed([words]), 1, lambda answers: self._scanned(answers[0], count))

    def _scanned(self, answer: Any, count: int) -> None:
        self._scanning = False
        if isinstance(answer, ResponseError):
            self._cursor = None
            raise refusal_of(answer, "SCAN was refused", self._link.place)
        cursor, page = answer
        self.scanned += count
        self._cursor = None if cursor == START else cursor
        self._pending.extend(self._wanted.of(page))

    def _post(self, commands: bytes, answers: int, then: Then) -> None:
        self._link.post(commands, answers)
        self._under_way.append(then)
        self.requests += 1

    def _refuse_error(self, answer: Any, failed: str) -> None:
        if isinstance(answer, ResponseError):
            raise refusal_of(answer, failed, self._link.place)
