"""How far a piece of work is, told to the ledger often enough and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.release.records import Action, Json
from bot.release.states import ReleaseState
from bot.work.outcomes import Batch
from bot.work.parts import WorkLedger

EVERY_S = 0.25


class Superseded(Exception):
    """A newer run of the same action took over; this one ends without a word."""


class Stopped(Exception):
    """Somebody pressed Roll back while keys were being taken out."""


class Report:
    """Writes progress at most every 0.25 s, and learns there whether to go on."""

    def __init__(self, ledger: WorkLedger, action: Action, now: Callable[[], datetime]) -> None:
        """Take the action as it was started; its fence tells this run from a newer one."""
        self._ledger = ledger
        self._action = action
        self._now = now
        self._said = 0.0
        self.so_far: dict[str, Any] = dict(action.progress.get("so_far", {}))

    @property
    def cards(self) -> tuple[str, ...]:
        """Return the messages that show this work."""
        action = self._action
        if action.release_id is None:
            return (f"action:{action.key}",)
        if action.step is None:
            return (f"rollback:{action.release_id}",)
        return (f"step:{action.release_id}:{action.step}",)

    def phase(self, phase: str, line: str, *, total: int = 0) -> None:
        """Say at once that a new phase begins."""
        self._said = 0.0
        self.tell(phase, line, 0, total)

    def tell(self, phase: str, line: str, done: int, total: int) -> None:
        """Record how far it is; raise Superseded where a newer run took over."""
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
            self.tell(phase, line, batch.done, batch.total or total)

        return on_batch

    def walk_until_rollback(self, phase: str, line: str, total: int) -> Callable[[Batch], None]:
        """Return the same for a purge: a rollback that was pressed stops it."""

        def on_batch(batch: Batch) -> None:
            before = self._said
            self.tell(phase, line, batch.done, batch.total or total)
            if self._said != before:
                self._stop_for_rollback()

        return on_batch

    def _stop_for_rollback(self) -> None:
        release_id = self._action.release_id
        story = None if release_id is None else self._ledger.story(release_id)
        if story is not None and story.release.state is not ReleaseState.OPEN:
            raise Stopped(self._action.key)
