"""The clock: one process asks for what is due, on APScheduler's beat."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from bot.work.recovery import Locks

log = logging.getLogger(__name__)

LEADER = "clock"
TRY_EVERY_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Tick:
    """Something that is looked for again and again; doing it twice must be harmless."""

    name: str
    every_s: float
    run: Callable[[], None]


class Ticker:
    """Ticks while it holds the clock's lock; a second clock waits until the first is gone.

    Every tick runs once as soon as the lock is ours, then at its interval: a process that lives
    for less than a day still does what is daily.
    """

    def __init__(
        self, ticks: Sequence[Tick], *, locks: Locks, try_every_s: float = TRY_EVERY_S
    ) -> None:
        """Take what to look for; nothing starts yet."""
        self._ticks = tuple(ticks)
        self._locks = locks
        self._try_every_s = try_every_s
        self._leads = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(self._ticks) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to try for the lock."""
        self._every(self._try_every_s, self._lead)
        self._scheduler.start()

    def stop(self) -> None:
        """End the ticking once what ticks now has ended, and free the lock."""
        if self._scheduler.running:
            self._scheduler.shutdown()
            self._locks.let_go(LEADER)

    def _lead(self) -> None:
        """Take the lock, or see whether it is still ours."""
        leads = self._holds()
        if leads and not self._leads:
            for tick in self._ticks:
                self._every(tick.every_s, _safely, tick)
        if self._leads and not leads:
            log.warning("the clock's lock is lost: the ticks wait for it")
            for tick in self._ticks:
                self._scheduler.remove_job(tick.name)
            self._locks.let_go(LEADER)
        self._leads = leads

    def _holds(self) -> bool:
        try:
            return self._locks.still_held(LEADER) if self._leads else self._locks.hold(LEADER)
        except (SQLAlchemyError, OSError):
            log.exception("could not try for the clock's lock")
            return False

    def _every(self, seconds: float, run: Callable[..., None], *ticks: Tick) -> None:
        name = ticks[0].name if ticks else LEADER
        at = datetime.now(UTC)
        self._scheduler.add_job(
            run, "interval", args=ticks, seconds=seconds, id=name, next_run_time=at
        )


def _safely(tick: Tick) -> None:
    try:
        tick.run()
    except Exception:
        # One tick that fails is logged and tried again at its next beat; the others go on.
        log.exception("the clock's tick %s failed", tick.name)
