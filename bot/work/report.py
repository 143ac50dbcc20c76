"""How far a piece of work is, told to the ledger often enough and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.release.records import Action, Control, Json
from bot.release.refusal import Code, Refusal
from bot.release.rehearsing import card_of
from bot.release.states import ReleaseState
from bot.release.steering import BOT, stopped_by
from bot.work.outcomes import Batch
from bot.work.parts import WorkLedger

EVERY_S = 0.25


class Superseded(Exception):
    """A newer run of the same action took over; this one ends without a word."""


class Stopped(Exception):
    """Somebody pressed Roll back or Stop while keys were being taken out; the Refusal says which."""

    def __init__(self, why: Refusal) -> None:
        """Take what is said on the card."""
        super().__init__(str(why))
        self.why = why


class Paused(Exception):
    """A person paused the purge, or a look did: then `by_look`."""

    def __init__(self, *, by_look: bool = False) -> None:
        """Take who it was."""
        super().__init__("paused")
        self.by_look = by_look


class Report:
    """Writes progress at most every 0.25 s, and learns there whether to go on."""

    def __init__(self, ledger: WorkLedger, action: Action, now: Callable[[], datetime]) -> None:
        """Take the action as it was started; its fence tells this run from a newer one."""
        self._ledger = ledger
        self._action = action
        self._now = now
        self._said = 0.0
        self._last: tuple[str, str, int, int] = ("", "", 0, 0)
        self.so_far: dict[str, Any] = dict(action.progress.get("so_far", {}))
        self.pace: str | None = action.pace

    @property
    def turn(self) -> int:
        """Return how often the work went on after a pause."""
        return self._action.resumed

    @property
    def cards(self) -> tuple[str, ...]:
        """Return the messages that show this work."""
        action = self._action
        if action.release_id is None:
            return (card_of(action),)
        if action.step is None:
            return (f"rollback:{action.release_id}",)
        return (f"step:{action.release_id}:{action.step}",)

    def phase(self, phase: str, line: str, *, total: int = 0) -> None:
        """Say at once that a new phase begins."""
        self._said = 0.0
        self.tell(phase, line, 0, total)

    def keep(self) -> None:
        """Record `so_far` at once, whatever was said last; raise Superseded where a newer run took over."""
        self._said = 0.0
        self.tell(*self._last)

    def tell(self, phase: str, line: str, done: int, total: int) -> None:
        """Record how far it is; raise Superseded where a newer run took over."""
        self._last = (phase, line, done, total)
        if time.monotonic() - self._said < EVERY_S:
            return
        progress: Json = {
            "phase": phase,
            "line": line,
            "done": done,
            "total": total,
            "so_far": self.so_far,
        }
        action = self._action
        if not self._ledger.progress(
            action.key, action.fence, progress, self._now(), cards=self.cards
        ):
            raise Superseded(action.key)
        self._said = time.monotonic()

    def walk(self, phase: str, line: str, total: int) -> Callable[[Batch], None]:
        """Return what a walk over keys calls after each batch."""

        def on_batch(batch: Batch) -> None:
            self.tell(phase, _held(line, batch), batch.done, batch.total or total)

        return on_batch

    def walk_until_told(
        self, phase: str, line: Callable[[int, int, float], str], total: int
    ) -> Callable[[Batch], None]:
        """Return the same for a purge, which heeds what people press meanwhile.

        `line` makes the words out of keys done, keys expected and keys a second.
        """
        begun = time.monotonic()
        first: list[int] = []

        def on_batch(batch: Batch) -> None:
            before, whole = self._said, batch.total or total
            if not first:
                first.append(batch.done)
            rate = (batch.done - first[0]) / max(time.monotonic() - begun, 0.001)
            words = _held(line(batch.done, whole, rate), batch)
            self.tell(phase, words, batch.done, whole)
            if self._said != before:
                self.heed()

        return on_batch

    def wait(self, seconds: float, phase: str, line: str) -> None:
        """Wait, heeding what people press meanwhile."""
        until = time.monotonic() + seconds
        self.phase(phase, line)
        while time.monotonic() < until:
            time.sleep(min(EVERY_S, max(0.0, until - time.monotonic())))
            self.heed()

    def heed(self) -> None:
        """Take up a changed pace; raise Stopped for a rollback or a stop, Paused for a pause."""
        release_id = self._action.release_id
        release = None if release_id is None else self._ledger.release(release_id)
        now = self._ledger.action(self._action.key)
        if release is None or now is None:
            return
        if release.state is not ReleaseState.OPEN:
            raise Stopped(_by_rollback())
        self.pace = now.pace
        if now.control is Control.STOP:
            raise Stopped(stopped_by(now.control_by or BOT, release=release.name))
        if now.control is Control.PAUSE:
            raise Paused


def _held(line: str, batch: Batch) -> str:
    return f"{line}, slower since {batch.held_back}" if batch.held_back else line


def _by_rollback() -> Refusal:
    return Refusal(
        code=Code.NOT_NOW,
        failed="Stopped by the rollback. What was taken out is in the snapshot.",
        expected="the rollback puts it back.",
        retry_is_safe=True,
    )
