"""Puts a snapshot's keys back where nothing fresher stands."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import OutOfMemoryError, ResponseError

from bot.effects.redis_abilities import Abilities, refuse_unreadable_format
from bot.effects.redis_bites import Bites
from bot.effects.redis_compare import Finding, compare
from bot.effects.redis_connect import RedisLink
from bot.effects.redis_expiry import server_now_ms
from bot.effects.redis_memory import refuse_when_full
from bot.effects.redis_pacer import Pacer
from bot.effects.redis_put_back import Tally, put_staged_back
from bot.effects.redis_trouble import refusal_of
from bot.effects.redis_windows import span_windows, windows
from bot.effects.snapshot_frames import Record, Span, key_at, records_in
from bot.effects.snapshot_reader import SnapshotReader

# The server works on one window while the answers of the one before are looked at.
UNDER_WAY = 2


@dataclass(frozen=True, kw_only=True)
class RestoreProgress:
    """How far it is: `done` of `total` keys were dealt with."""

    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class RestoreOutcome:
    """What became of the keys; a key that stands as it was already counts as restored.

    `expired` are past their time and stay gone. `errors` are the first 20 sentences of `failed`.
    """

    restored: int
    kept_fresher: int
    expired: int
    failed: int
    seconds: float
    errors: tuple[str, ...] = ()


class Restoring:
    """One run of a restore; run again after a crash it comes to the same counts."""

    def __init__(
        self,
        link: RedisLink,
        found: Abilities,
        snapshot: SnapshotReader,
        bites: Bites,
        pacer: Pacer,
    ) -> None:
        """Take a snapshot that was proven."""
        self._link = link
        self._found = found
        self._snapshot = snapshot
        self._bites = bites
        self._pacer = pacer
        self._tally = Tally()
        self._under_way: deque[tuple[bytes, list[Span]]] = deque()
        self._stood: list[Record] = []
        self._behind_ms = 0

    def run(self, on_batch: Callable[[RestoreProgress], None]) -> RestoreOutcome:
        """Refuse what cannot end well before anything is touched, then restore window by window."""
        begun = time.monotonic()
        snapshot, tally = self._snapshot, self._tally
        refuse_unreadable_format(snapshot.dump_format, self._found.dump_format, self._link.place)
        refuse_when_full(self._link, snapshot.raw_bytes)
        put_back = set[bytes]()
        if not snapshot.sealed and snapshot.stage:
            put_back = put_staged_back(self._link, snapshot, tally)
        self._behind_ms = server_now_ms(self._link) - _now_ms()
        total, done = snapshot.keys + len(snapshot.aside), len(snapshot.aside)
        self._put_large_back()
        for frames, spans in snapshot.frames():
            for window in span_windows(self._due(spans), self._bites):
                self._send(frames, window)
            done += len(spans)
            if put_back:
                put_back.difference_update(key_at(frames, span) for span in spans)
            on_batch(RestoreProgress(done=done, total=total))
        while self._under_way:
            self._receive()
        put_back.difference_update(record.key for record in snapshot.aside)
        return RestoreOutcome(
            restored=tally.restored + len(put_back),
            kept_fresher=tally.kept_fresher,
            expired=tally.expired,
            failed=tally.failed,
            seconds=time.monotonic() - begun,
            errors=tuple(tally.errors),
        )

    def _due(self, spans: list[Span]) -> list[Span]:
        """Leave out what is past its time: a server says OK to it, and keeps nothing."""
        now_ms = _now_ms() + self._behind_ms
        due = [span for span in spans if not 0 < span.expires_at <= now_ms]
        self._tally.expired += len(spans) - len(due)
        return due

    def _send(self, frames: bytes, window: list[Span]) -> None:
        while len(self._under_way) >= UNDER_WAY:
            self._receive()
        self._link.post(b"".join(frames[span.begin : span.end] for span in window), len(window))
        self._under_way.append((frames, window))

    def _receive(self) -> None:
        """Take the answers of the oldest window in; what stood there already is compared."""
        frames, window = self._under_way.popleft()
        answers = self._link.collect()
        fine = answers.count(b"OK")
        self._tally.restored += fine
        if fine < len(answers):
            self._sort_out(frames, window, answers)
        self._pacer.rest(len(window))

    def _sort_out(self, frames: bytes, window: Sequence[Span], answers: Sequence[Any]) -> None:
        stood: list[Record] = []
        for span, answer in zip(window, answers, strict=True):
            if isinstance(answer, OutOfMemoryError):
                raise refusal_of(answer, "the restore stopped; a retry goes on", self._link.place)
            if "BUSYKEY" in str(answer):
                stood += records_in(frames[span.begin : span.end])
            elif isinstance(answer, ResponseError):
                self._tally.fail(key_at(frames, span), answer)
        self._finish_under_way()
        for some in windows(iter(stood)):
            self._judge(some)

    def _finish_under_way(self) -> None:
        """Nothing else may be asked while answers are still to come."""
        while self._under_way:
            self._receive()

    def _put_large_back(self) -> None:
        """The large keys stand on the server: renamed back, with the expiry they had."""
        now_ms = _now_ms() + self._behind_ms
        for record in self._snapshot.aside:
            if 0 < record.expires_at <= now_ms:
                self._tally.expired += 1
                continue
            answer = self._link.ask("RENAMENX", record.staged, record.key)
            if answer == 1:
                self._tally.restored += 1
            elif answer == 0 or "no such key" in str(answer):
                self._judge([record])
            else:
                self._tally.fail(record.key, answer)

    def _judge(self, stood: Sequence[Record]) -> None:
        """A key that could not be put back either stands as it was, or the app wrote a fresher value."""
        now_ms = _now_ms() + self._behind_ms
        for record, finding in zip(
            stood, compare(self._link, self._found, stood, now_ms), strict=True
        ):
            match finding:
                case Finding.EQUAL:
                    self._tally.restored += 1
                case Finding.EXPIRED:
                    self._tally.expired += 1
                case Finding.MISSING:
                    self._tally.fail(
                        record.key, "it is not on the server and could not be put back"
                    )
                case _:
                    self._tally.kept_fresher += 1


def _now_ms() -> int:
    return int(time.time() * 1000)
