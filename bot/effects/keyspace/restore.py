"""Puts a snapshot's keys back where nothing fresher stands."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from redis.exceptions import OutOfMemoryError, ResponseError

from bot.effects.fault_points import Point, reached
from bot.effects.keyspace.abilities import refuse_unreadable_format
from bot.effects.keyspace.bites import Bites
from bot.effects.keyspace.compare import compare
from bot.effects.keyspace.expiry import server_now_ms
from bot.effects.keyspace.memory import refuse_when_full
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.put_back import Tally, put_staged_back
from bot.effects.keyspace.restored import RestoreOutcome, RestoreProgress
from bot.effects.keyspace.topology import Node, Servers
from bot.effects.keyspace.trouble import refusal_of, slot_is_elsewhere
from bot.effects.keyspace.windows import span_windows, windows
from bot.effects.snapshots.frames import Record, Span, key_at, records_in
from bot.effects.snapshots.reader import SnapshotReader

# A server works on one window while the answers of the one before are looked at.
UNDER_WAY = 2
# A slot that moves is asked for again, for as long as moving one usually takes.
TRIES, TRY_AGAIN_S = 20, 0.25


class Sent(NamedTuple):
    """A window on its way: where it was sent, and what of which batch."""

    node: Node
    frames: bytes
    window: list[Span]


class Restoring:
    """One run of a restore; run again after a crash it comes to the same counts."""

    def __init__(
        self, servers: Servers, snapshot: SnapshotReader, bites: Bites, pacer: Pacer
    ) -> None:
        """Take a snapshot that was proven."""
        self._servers, self._snapshot = servers, snapshot
        self._bites, self._pacer = bites, pacer
        self._tally = Tally()
        self._sent: deque[Sent] = deque()
        self._elsewhere: list[tuple[bytes, Span]] = []
        self._behind_ms = 0
        self._done = 0
        self._put_back = set[bytes]()

    def run(self, on_batch: Callable[[RestoreProgress], None]) -> RestoreOutcome:
        """Refuse what cannot end well before anything is touched, then restore window by window."""
        begun = time.monotonic()
        snapshot, tally, servers = self._snapshot, self._tally, self._servers
        for node in servers.nodes:
            refuse_unreadable_format(snapshot.dump_format, node.found.dump_format, node.link.place)
            refuse_when_full(node.link, snapshot.raw_bytes // len(servers.nodes))
        if not snapshot.sealed and snapshot.stage:
            self._put_back = put_staged_back(servers, snapshot, tally)
        self._behind_ms = server_now_ms(servers.first.link) - _now_ms()
        total, self._done = snapshot.keys + len(snapshot.aside), len(snapshot.aside)
        self._put_large_back()
        for frames, spans in snapshot.frames():
            self._restore(frames, spans)
            on_batch(RestoreProgress(done=self._done, total=total, held_back=self._pacer.held_back))
        self._finish()
        self._follow_slots()
        self._put_back.difference_update(record.key for record in snapshot.aside)
        return RestoreOutcome(
            restored=tally.restored + len(self._put_back),
            kept_fresher=tally.kept_fresher,
            expired=tally.expired,
            failed=tally.failed,
            seconds=time.monotonic() - begun,
            errors=tuple(tally.errors),
        )

    def _restore(self, frames: bytes, spans: Iterable[Span]) -> None:
        due = self._due(frames, spans)
        for node, mine in self._servers.parted(due, lambda span: key_at(frames, span)):
            for window in span_windows(mine, self._bites):
                self._send(Sent(node, frames, window))

    def _due(self, frames: bytes, spans: Iterable[Span]) -> Iterator[Span]:
        """Leave out what is past its time: a server says OK to it, and keeps nothing."""
        now_ms = _now_ms() + self._behind_ms
        for span in spans:
            self._done += 1
            if self._put_back:
                self._put_back.discard(key_at(frames, span))
            if 0 < span.expires_at <= now_ms:
                self._tally.expired += 1
            else:
                yield span

    def _send(self, sent: Sent) -> None:
        while len(self._sent) >= UNDER_WAY * len(self._servers.nodes):
            self._receive()
        parts = (sent.frames[span.begin : span.end] for span in sent.window)
        reached(Point.PUTS_BACK)
        sent.node.link.post(b"".join(parts), len(sent.window))
        self._sent.append(sent)

    def _receive(self) -> None:
        """Take the answers of the oldest window in; what stood there already is compared."""
        sent = self._sent.popleft()
        answers = sent.node.link.collect()
        reached(Point.PUT_BACK)
        fine = answers.count(b"OK")
        self._tally.restored += fine
        if fine < len(answers):
            self._sort_out(sent, answers)
        self._pacer.rest(len(sent.window))

    def _sort_out(self, sent: Sent, answers: Sequence[Any]) -> None:
        stood: list[Record] = []
        frames, place = sent.frames, sent.node.link.place
        for span, answer in zip(sent.window, answers, strict=True):
            if isinstance(answer, OutOfMemoryError):
                raise refusal_of(answer, "the restore stopped; a retry goes on", place)
            if "BUSYKEY" in str(answer):
                stood += records_in(frames[span.begin : span.end])
            elif slot_is_elsewhere(answer):
                frame = frames[span.begin : span.end]
                self._elsewhere.append((frame, Span(0, len(frame), span.expires_at)))
            elif isinstance(answer, ResponseError):
                self._tally.fail(key_at(frames, span), answer)
        self._finish()
        for some in windows(iter(stood)):
            self._judge(sent.node, some)

    def _finish(self) -> None:
        """Take in what is under way; nothing else may be asked meanwhile."""
        while self._sent:
            self._receive()

    def _follow_slots(self) -> None:
        """Send what a node no longer holds to the one that does."""
        for _ in range(TRIES):
            waiting, self._elsewhere = self._elsewhere, []
            if not waiting:
                return
            self._servers.look_again()
            for frame, span in waiting:
                self._restore(frame, [span])
            self._finish()
            if self._elsewhere:
                time.sleep(TRY_AGAIN_S)
        for frame, span in self._elsewhere:
            self._tally.fail(key_at(frame, span), "its slot kept moving between nodes")

    def _put_large_back(self) -> None:
        """The large keys stand on the server: renamed back, with the expiry they had."""
        now_ms = _now_ms() + self._behind_ms
        for record in self._snapshot.aside:
            if 0 < record.expires_at <= now_ms:
                self._tally.expired += 1
                continue
            node = self._servers.owner(record.key)
            reached(Point.PUTS_BACK, "a large one")
            answer = node.link.ask("RENAMENX", record.staged, record.key)
            reached(Point.PUT_BACK, "a large one")
            if answer == 1:
                self._tally.restored += 1
            elif answer == 0 or "no such key" in str(answer):
                self._judge(node, [record])
            else:
                self._tally.fail(record.key, answer)

    def _judge(self, node: Node, stood: Sequence[Record]) -> None:
        """A key that could not be put back either stands as it was, or the app wrote a fresher value."""
        findings = compare(node.link, node.found, stood, _now_ms() + self._behind_ms)
        for record, finding in zip(stood, findings, strict=True):
            self._tally.judge(record.key, finding)


def _now_ms() -> int:
    return int(time.time() * 1000)
