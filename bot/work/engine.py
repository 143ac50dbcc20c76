"""Durable execution by DBOS: what was asked runs to its end, also when its process does not."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from uuid import uuid4

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, error
from sqlalchemy.exc import SQLAlchemyError

from bot.effects.fault_points import Point, reached
from bot.release.refusal import Code, Refusal
from bot.work.bodies import Bodies
from bot.work.engine_database import (
    AT_ONCE,
    NAME,
    QUEUE,
    engine_client,
    engine_url,
    migrate_engine,
    quieten,
)
from bot.work.recovery import RUNNING, Locks, Reaper, end_process

__all__ = ["DbosEngine", "engine_url", "migrate_engine"]

log = logging.getLogger(__name__)

# Never the hash of the code: a new release of the bot goes on with what an older one began.
VERSION = "cache-release-work-1"
WORKFLOW = "run_action"
RECOVERIES = 5


class DbosEngine:
    """Runs `perform(key)` until it has ended once, one key of a partition at a time, over all processes.

    A process that dies is replaced within about a second: the body runs again from its start, so
    it must know how to go on. Without `perform` the process only enqueues. The engine keeps keys
    and partitions, nothing else. One engine a process: DBOS is one.
    """

    def __init__(
        self,
        url: str,
        *,
        role: str,
        perform: Callable[[str], None] | None,
        liveness: Locks,
        on_poisoned: Callable[[str], None],
        on_lost: Callable[[], None] = end_process,
    ) -> None:
        """Take the engine's database; nothing connects or starts yet.

        `on_poisoned` gets each key that was given up: after five recoveries, or after an error that
        `perform` let out; it must be able to hear of one twice. `on_lost` is called when others
        may take this process for dead; by default it ends.
        """
        self._url = url
        self.id = f"{role}-{uuid4().hex}"
        self._bodies = None if perform is None else Bodies(perform)
        self._liveness = liveness
        self._on_poisoned = on_poisoned
        self._on_lost = on_lost
        self._client = engine_client(url)
        self._reaper: Reaper | None = None

    def launch(self) -> None:
        """Begin to work, where this process works at all; refuse tables that are not migrated."""
        quieten()
        if self._bodies is None:
            return
        if not self._liveness.hold(self.id):
            raise _refused("The lock that shows that this process is alive could not be taken.")
        self._liveness.tidy()
        try:
            self._start(self._bodies)
        except (error.DBOSException, SQLAlchemyError) as broken:
            DBOS.destroy(destroy_registry=True)
            self._liveness.let_go(self.id)
            raise _refused("The engine's tables are not those of this program.") from broken
        self._reaper = Reaper(
            self.id,
            self._liveness,
            self._client,
            queue=QUEUE,
            on_poisoned=self._on_poisoned,
            on_lost=self._on_lost,
        )
        self._reaper.start()

    def _start(self, bodies: Bodies) -> None:
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": self._url,
            "application_version": VERSION,
            "executor_id": self.id,
            "run_migrations": False,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "sys_db_pool_size": 2 * AT_ONCE,
        }
        DBOS(config=config)

        def run_action(key: str) -> None:
            bodies.run(key)

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=RECOVERIES)(run_action)
        DBOS.launch()

    def enqueue(self, key: str, partition: str) -> None:
        """Hand an action to the workers; the same key twice is once.

        Refuse where the engine's database does not answer; the clock's sweep enqueues it later.
        """
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": key,
            "workflow_id_reuse_policy": "return-existing",
            "app_version": VERSION,
            "queue_partition_key": partition,
        }
        try:
            reached(Point.ENQUEUES)
            self._client.enqueue(options, key)
            reached(Point.ENQUEUED)
        except SQLAlchemyError as broken:
            raise Refusal(
                code=Code.NOT_RECORDED,
                failed="What was asked for is recorded, but the workers could not be told.",
                expected="an engine database that answers; the clock tells the workers when it does.",
                retry_is_safe=True,
            ) from broken

    def stuck(self, older_than_s: float) -> tuple[str, ...]:
        """Return the keys whose run began longer ago than this and has not ended, oldest first."""
        before_ms = (time.time() - older_than_s) * 1000
        rows = self._client.list_workflows(status=RUNNING, load_input=False, load_output=False)
        began = sorted((row.updated_at or 0, row.workflow_id) for row in rows)
        return tuple(key for at, key in began if at < before_ms)

    def close(self, grace_s: float = 20) -> None:
        """Take no more work, give what runs this many seconds to end, leave the rest to others.

        What has not ended keeps this process's lock until the process is gone, so that nobody
        begins it while it still runs here; the caller must end the process soon.
        """
        if self._reaper is not None and self._bodies is not None:
            wait_s = math.ceil(grace_s) if self._bodies.running else 0
            DBOS.destroy(workflow_completion_timeout_sec=wait_s, destroy_registry=True)
            self._reaper.stop()
            self._reaper = None
            left = self._bodies.leave()
            if left:
                log.warning("not ended, left to other processes: %s", ", ".join(left))
            else:
                self._liveness.let_go(self.id)
        self._client.destroy()


def _refused(failed: str) -> Refusal:
    return Refusal(
        code=Code.NOT_RECORDED,
        failed=f"{failed} Nothing was started.",
        expected="an engine database that answers and that `cache-release migrate` brought up to date.",
        retry_is_safe=True,
    )
