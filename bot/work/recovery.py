"""Takes over what a dead process left unfinished; the one place that calls a private part of DBOS."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Protocol

from dbos import DBOSClient, WorkflowStatus

log = logging.getLogger(__name__)

EVERY_S = 1.0
SUSPECT_AFTER = 3
RUNNING, QUEUED = "PENDING", "ENQUEUED"
GIVEN_UP = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
REPORTED = "reported"
LOCK_LOST = 70


class Locks(Protocol):
    """Who is alive, as the engine sees it."""

    def hold(self, name: str) -> bool:
        """Take the lock of that name; False where somebody has it."""
        ...

    def let_go(self, name: str) -> None:
        """Free it; nothing where it is not held here."""
        ...

    def still_held(self, name: str) -> bool:
        """Return whether a lock that was taken here is still ours."""
        ...

    def dead(self, name: str) -> AbstractContextManager[bool]:
        """Say whether nobody holds it, keeping others from it meanwhile."""
        ...

    def tidy(self) -> None:
        """Take away what dead processes left behind."""
        ...


def end_process() -> None:
    """End at once: another process believes this one dead and works on what it held."""
    logging.shutdown()
    os._exit(LOCK_LOST)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A key that has not ended: on how many processes' deaths it was running, and since when (ms)."""

    key: str
    owner: str
    crashes: int
    since: int

    @property
    def suspect(self) -> bool:
        """Return whether it may be what kills its process."""
        return self.crashes >= SUSPECT_AFTER


def choose(abandoned: Sequence[Run], others: Sequence[Run]) -> tuple[Run, ...]:
    """Return what goes back to the queue now, of what dead processes left.

    Suspects go one at a time, the least crashed first. Together they would all be given up for the
    one that kills its process: each death counts against everything that ran.
    """
    plain = [run for run in abandoned if not run.suspect]
    suspects = [run for run in abandoned if run.suspect]
    if not suspects or any(run.suspect for run in others):
        return tuple(plain)
    return (*plain, min(suspects, key=lambda run: (run.crashes, run.since, run.key)))


class Reaper:
    """Looks every second for work whose process is dead, and gives it back to the queue."""

    def __init__(
        self,
        executor_id: str,
        locks: Locks,
        client: DBOSClient,
        *,
        queue: str,
        on_poisoned: Callable[[str], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Take our own id; what we run ourselves is never taken over."""
        self._id = executor_id
        self._locks = locks
        self._client = client
        self._queue = queue
        self._on_poisoned = on_poisoned
        self._on_lost = on_lost
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="reaper", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End the looking."""
        self._ended.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._ended.is_set():
            if not self._locks.still_held(self._id):
                log.critical("the liveness lock is lost: ending the process")
                self._on_lost()
                return
            for look in (self._take_over, self._report_given_up):
                try:
                    look()
                except Exception:
                    # A database may be away for a moment; the next look is a second later.
                    log.exception("could not look for abandoned work")
            self._ended.wait(EVERY_S)

    def _take_over(self) -> None:
        rows = self._rows([RUNNING, QUEUED])
        owners = {_owner(row) for row in rows if row.status == RUNNING} - {self._id}
        with ExitStack() as locks:
            dead = {name for name in owners if locks.enter_context(self._locks.dead(name))}
            abandoned = [_run(row) for row in rows if _is_of(row, dead)]
            others = [_run(row, alive=True) for row in rows if not _is_of(row, dead)]
            for run in choose(abandoned, others):
                log.warning("taking over %s from %s, which is dead", run.key, run.owner)
                # Private, and the only call that asks who owns the row; under the owner's lock.
                self._client._sys_db.reenqueue_for_recovery(run.key, [run.owner], self._queue)

    def _report_given_up(self) -> None:
        for row in self._rows(GIVEN_UP):
            if not (row.attributes or {}).get(REPORTED):
                self._on_poisoned(row.workflow_id)
                self._client.update_workflow_attributes(row.workflow_id, {REPORTED: True})

    def _rows(self, status: list[str]) -> list[WorkflowStatus]:
        return self._client.list_workflows(status=status, load_input=False, load_output=False)


def _owner(row: WorkflowStatus) -> str:
    return row.executor_id or ""


def _is_of(row: WorkflowStatus, dead: set[str]) -> bool:
    return row.status == RUNNING and _owner(row) in dead


def _run(row: WorkflowStatus, *, alive: bool = False) -> Run:
    """Return the row as a run; the start of one that still runs is no crash."""
    runs_now = alive and row.status == RUNNING
    return Run(
        key=row.workflow_id,
        owner=_owner(row),
        crashes=(row.recovery_attempts or 0) - runs_now,
        since=row.created_at or 0,
    )
