"""What the engine knows of the work of one release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from dbos import WorkflowStatus

from bot.release.tracing import Source, Traced
from bot.work.engine_database import engine_client


def traced_work(url: str, turns: Sequence[str]) -> tuple[Traced, ...]:
    """Return when each turn was queued and what became of it; raise what SQLAlchemy raises for a database away."""
    if not turns:
        return ()
    client = engine_client(url)
    try:
        rows = client.list_workflows(workflow_ids=list(turns), load_input=False, load_output=False)
    finally:
        client.destroy()
    return tuple(part for row in rows for part in _parts(row))


def _parts(row: WorkflowStatus) -> Iterator[Traced]:
    owner = row.executor_id or "no process"
    ended = row.completed_at or row.updated_at
    for at_ms, what in (
        (row.created_at, f"queued in {row.queue_name}"),
        (row.dequeued_at, f"begun by {owner}"),
        (ended, f"{row.status}, {row.recovery_attempts or 0} starts, last by {owner}"),
    ):
        if at_ms is not None:
            at = datetime.fromtimestamp(at_ms / 1000, UTC)
            yield Traced(at=at, source=Source.ENGINE, about=row.workflow_id, what=what)
