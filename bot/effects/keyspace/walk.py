"""A purge: walks a scope, tells how far it is, and lets the disk keep up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.effects.keyspace.capture import Capture
from bot.effects.keyspace.softening import SoftCapture
from bot.effects.keyspace.staging import Staging
from bot.effects.keyspace.wanted import wanted_by
from bot.release.waves import Wave

PASSES = 3
CALL_EVERY_S = 0.25


@dataclass(frozen=True, kw_only=True)
class PurgeProgress:
    """How far a purge is: `done` keys are in the snapshot or set aside, `total` is 0 where it is not known.

    `scanned` is about how many keys of the database were walked, `bytes` what was captured before compression.
    `held_back` says in a few words why it is slower than asked for.
    """

    done: int
    total: int
    scanned: int
    bytes: int
    held_back: str = ""


@dataclass(frozen=True, kw_only=True)
class PurgeOutcome:
    """What a purge did, earlier runs of the same snapshot included; `quarantined` of the `taken` keys were large.

    `bytes` were captured before compression; `requests` is how often the server was asked.
    """

    taken: int
    quarantined: int
    bytes: int
    seconds: float
    requests: int = 0


class Walk:
    """The walk of one purge on one server: one way through the keyspace, whatever the number of patterns."""

    def __init__(
        self,
        capture: Capture | SoftCapture,
        staging: Staging,
        between: Callable[[], None],
        look_again: Callable[[], None],
    ) -> None:
        """Take what does the work, what is called now and then and may raise to stop, and what before a second look."""
        self._capture = capture
        self._staging = staging
        self._between = between
        self._look_again = look_again
        self._called = time.monotonic()

    def take(self, patterns: Sequence[str], wave: Wave) -> None:
        """Take every key of the patterns in this wave; one whose staged name was still taken is looked for again."""
        wanted = wanted_by(patterns, wave)
        for _ in range(PASSES):
            if self._capture.run(wanted, self._after_each) == 0:
                return
            self._look_again()
            self._staging.make_durable()
            self._staging.unlink_durable()
        self._capture.refuse_moving()

    def _after_each(self) -> None:
        due = time.monotonic() - self._called >= CALL_EVERY_S
        if self._staging.advance(due=due) or due:
            self._called = time.monotonic()
            self._between()
