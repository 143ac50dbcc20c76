"""Puts a snapshot's keys back where nothing fresher stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from redis.exceptions import OutOfMemoryError, ResponseError

from bot.effects.redis_abilities import Abilities, refuse_unreadable_format
from bot.effects.redis_compare import Finding, compare
from bot.effects.redis_connect import RedisLink, refusal_of
from bot.effects.redis_expiry import server_now_ms
from bot.effects.redis_memory import refuse_when_full
from bot.effects.redis_reconcile import staged_pages
from bot.effects.redis_staging import staged_prefix
from bot.effects.snapshot_frames import Captured, Record, SetAside
from bot.effects.snapshot_reader import SnapshotReader
from bot.release.scope import show_key

WINDOW = 200
WINDOW_BYTES = 64_000
MOST_ERRORS = 20


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


@dataclass
class _Tally:
    restored: int = 0
    kept_fresher: int = 0
    expired: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    def fail(self, key: bytes, why: object) -> None:
        self.failed += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(f"{show_key(key)}: {why}")


class Restoring:
    """One run of a restore; run again after a crash it comes to the same counts."""

    def __init__(self, link: RedisLink, found: Abilities, snapshot: SnapshotReader) -> None:
        """Take a snapshot that was proven."""
        self._link = link
        self._found = found
        self._snapshot = snapshot
        self._tally = _Tally()

    def run(self, on_batch: Callable[[RestoreProgress], None]) -> RestoreOutcome:
        """Refuse what cannot end well before anything is touched, then restore window by window."""
        begun = time.monotonic()
        snapshot = self._snapshot
        refuse_unreadable_format(snapshot.dump_format, self._found.dump_format, self._link.place)
        refuse_when_full(self._link, snapshot.raw_bytes)
        put_back = set() if snapshot.sealed or not snapshot.stage else self._put_staged_back()
        total, done = snapshot.keys + len(snapshot.aside), 0
        now_ms = server_now_ms(self._link)
        for batch in snapshot.batches():
            late = now_ms + int((time.monotonic() - begun) * 1000)
            for window in windows(self._due(batch, late)):
                self._restore(window)
            done += len(batch)
            put_back.difference_update(record.key for record in batch)
            on_batch(RestoreProgress(done=done, total=total))
        tally = self._tally
        return RestoreOutcome(
            restored=tally.restored + len(put_back),
            kept_fresher=tally.kept_fresher,
            expired=tally.expired,
            failed=tally.failed,
            seconds=time.monotonic() - begun,
            errors=tuple(tally.errors),
        )

    def _due(self, batch: Sequence[Record], now_ms: int) -> Iterator[Record]:
        for record in batch:
            if 0 < record.expires_at <= now_ms:
                self._tally.expired += 1
            else:
                yield record

    def _restore(self, window: Sequence[Record]) -> None:
        answers = self._link.send([b"".join(map(_command, window))], len(window))
        there: list[Record] = []
        for record, answer in zip(window, answers, strict=True):
            if isinstance(answer, OutOfMemoryError) or str(answer).startswith("OOM"):
                raise refusal_of(answer, "the restore stopped; a retry goes on", self._link.place)
            if _stood_already(record, answer):
                there.append(record)
            elif isinstance(answer, ResponseError):
                self._tally.fail(record.key, answer)
            else:
                self._tally.restored += 1
        if there:
            self._judge(there)

    def _judge(self, there: Sequence[Record]) -> None:
        """A key that could not be put back either stands as it was, or the app wrote a fresher value."""
        now_ms = server_now_ms(self._link)
        for record, finding in zip(
            there, compare(self._link, self._found, there, now_ms), strict=True
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

    def _put_staged_back(self) -> set[bytes]:
        """A purge that was cut short left keys under staged names that no batch may hold: rename them back."""
        prefix = staged_prefix(self._snapshot.stage)
        listed = {record.staged for record in self._snapshot.aside}
        back: set[bytes] = set()
        for page in staged_pages(self._link, prefix):
            names = [name for name in page if name not in listed]
            keys = [name.removeprefix(prefix) for name in names]
            answers = self._link.ask_all(
                [("RENAMENX", name, key) for name, key in zip(names, keys, strict=True)]
            )
            for key, answer in zip(keys, answers, strict=True):
                if answer == 1:
                    back.add(key)
                elif isinstance(answer, ResponseError):
                    self._tally.fail(key, answer)
                else:
                    self._tally.kept_fresher += 1
        return back


def _command(record: Record) -> bytes:
    if isinstance(record, SetAside):
        return SetAside(key=record.key, staged=record.staged, expires_at=0).frame()
    return record.frame()


def _stood_already(record: Record, answer: object) -> bool:
    if isinstance(record, Captured):
        return isinstance(answer, ResponseError) and "BUSYKEY" in str(answer)
    return answer == 0 or "no such key" in str(answer)


def windows(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Yield at most 200 records or 64 kB at a time: other clients are served in between."""
    window: list[Record] = []
    size = 0
    for record in records:
        window.append(record)
        size += len(record.dump) if isinstance(record, Captured) else 0
        if len(window) >= WINDOW or size >= WINDOW_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window
