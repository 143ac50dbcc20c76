"""A purge: walks a scope slice by slice."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.effects.redis_slices import START, Slice
from bot.effects.redis_staging import Staging
from bot.effects.redis_wanted import Wanted, wanted_by
from bot.effects.snapshot_writer import SnapshotWriter
from bot.release.waves import Wave

PASSES = 3
TELL_EVERY_S = 0.25
NAP_S = 0.001


@dataclass(frozen=True, kw_only=True)
class PurgeProgress:
    """How far a purge is: `done` keys are in the snapshot or set aside, `total` is 0 where it is not known.

    `scanned` is about how many keys of the database were walked, `bytes` what was captured before compression.
    """

    done: int
    total: int
    scanned: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class PurgeOutcome:
    """What a purge did, earlier runs of the same snapshot included; `quarantined` of the `taken` keys were large.

    `bytes` were captured before compression. `strangers` are keys the server matched and we did not: put back.
    `slowest_us` is the longest that one slice kept the server, by its own clock.
    """

    taken: int
    quarantined: int
    bytes: int
    seconds: float
    strangers: int = 0
    slices: int = 0
    slowest_us: int = 0


class Walk:
    """The walk of one purge: one way through the keyspace, whatever the number of patterns."""

    def __init__(
        self,
        staging: Staging,
        snapshot: SnapshotWriter,
        *,
        duty: float,
        on_batch: Callable[[PurgeProgress], None],
    ) -> None:
        """Take the largest share of the time (0 to 1) that slices may keep the server."""
        self._staging = staging
        self._snapshot = snapshot
        self._duty = duty
        self._on_batch = on_batch
        self._told = time.monotonic()
        self._owed = 0.0
        self.scanned = 0
        self.slices = 0
        self.slowest_us = 0

    def take(self, patterns: Sequence[str], wave: Wave) -> None:
        """Take every key of the patterns in this wave; one whose staged name was still taken is looked for again."""
        wanted = wanted_by(patterns, wave)
        for _ in range(PASSES):
            if self._pass(wanted) == 0:
                return
            self._staging.make_durable()
            self._staging.unlink_durable()

    def _pass(self, wanted: Wanted) -> int:
        again, begun = 0, time.monotonic()
        self._staging.send(START, wanted)
        while True:
            cut = self._staging.receive()
            self._count(cut)
            again += cut.again
            if cut.wrong is not None:
                raise cut.wrong
            if not cut.done:
                self._rest(cut.micros / 1e6 / self._duty - (time.monotonic() - begun))
                begun = time.monotonic()
                self._staging.send(cut.cursor, wanted)
            self._write_meanwhile()
            if cut.done:
                return again

    def _write_meanwhile(self) -> None:
        self._staging.look_for_written()
        if self._staging.full or time.monotonic() - self._told >= TELL_EVERY_S:
            self._staging.hand_over()
            self.tell()

    def _rest(self, owed: float) -> None:
        """Leave the server to others for what the slices took too much; naps of less than 1 ms last longer."""
        self._owed = max(0.0, self._owed + owed)
        if self._owed >= NAP_S:
            time.sleep(self._owed)
            self._owed = 0.0

    def _count(self, cut: Slice) -> None:
        self.scanned += cut.scanned
        self.slices += 1
        self.slowest_us = max(self.slowest_us, cut.micros)

    def tell(self) -> None:
        """Say how far it is."""
        self._told = time.monotonic()
        self._on_batch(
            PurgeProgress(
                done=self._snapshot.keys + len(self._snapshot.aside),
                total=0,
                scanned=self.scanned,
                bytes=self._snapshot.raw_bytes,
            )
        )
