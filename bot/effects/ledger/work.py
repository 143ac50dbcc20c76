"""What the workers tell the ledger: what runs, how far it is, and which effects must not happen twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, select, update

from bot.effects.ledger.audit import append_audit
from bot.effects.ledger.cards import pace_cards
from bot.effects.ledger.connect import Transactions, insert_once
from bot.effects.ledger.rows import action_value, snapshot_value
from bot.effects.ledger.story import find_action
from bot.effects.ledger.tables import SNAPSHOT
from bot.effects.ledger.work_tables import ACTION, OP_STEP
from bot.release.records import Action, ActionState, Json, SnapshotRow
from bot.release.refusal import Code, Refusal

ACCEPTED, RUNNING = ActionState.ACCEPTED.value, ActionState.RUNNING.value
PAUSED = ActionState.PAUSED.value
EXPIRED = "expired"
BOT = "cache-release"


class ActionLedger(Transactions):
    """What the workers need."""

    def start_action(self, key: str, at: datetime) -> Action | None:
        """Mark the action running and raise its fence; None where it has ended or is not known."""
        return self._write(lambda connection: _start(connection, key, at))

    def progress(
        self, key: str, fence: int, progress: Json, at: datetime, *, cards: Sequence[str] = ()
    ) -> bool:
        """Record how far the run with this fence is; False where a newer one has it or it has ended.

        The cards are drawn again, each at most every 3 seconds.
        """
        return self._write(lambda conn: _progress(conn, key, fence, progress, at, cards))

    def op_step(self, action_key: str, name: str) -> str | None:
        """Return the state of one effect that must not happen twice: started, done, failed, unknown."""
        query = select(OP_STEP.c.state).filter_by(action_key=action_key, name=name)
        return self._read(lambda connection: connection.execute(query).scalar_one_or_none())

    def op_begin(self, action_key: str, name: str, at: datetime) -> bool:
        """Record that the effect starts; False where it was started before, however that ended."""
        row = {"action_key": action_key, "name": name, "state": "started", "detail": ""}
        return self._write(
            lambda connection: insert_once(connection, OP_STEP, {**row, "started_at": at})
        )

    def op_end(self, action_key: str, name: str, state: str, detail: str, at: datetime) -> None:
        """Record how the effect ended: done, failed or unknown; refuse one that was never started."""
        ended = (
            update(OP_STEP)
            .where(OP_STEP.c.action_key == action_key, OP_STEP.c.name == name)
            .values(state=state, detail=detail, ended_at=at)
        )
        if self._write(lambda connection: connection.execute(ended).rowcount) != 1:
            raise Refusal(
                code=Code.INTERNAL,
                failed=f"The effect {name} of {action_key} ended without having been started.",
                expected="a start that was recorded before the effect ran.",
                retry_is_safe=False,
            )

    def unqueued(self, at: datetime, older_than_s: float) -> tuple[Action, ...]:
        """Return what was asked for longer ago than this and never started, oldest first."""
        since = at - timedelta(seconds=older_than_s)
        query = select(ACTION).where(ACTION.c.state == ACCEPTED, ACTION.c.asked_at <= since)
        return self._actions(query)

    def running(self) -> tuple[Action, ...]:
        """Return what runs now or is paused, oldest first."""
        return self._actions(select(ACTION).where(ACTION.c.state.in_((RUNNING, PAUSED))))

    def _actions(self, query: Select[tuple[object, ...]]) -> tuple[Action, ...]:
        ordered = query.order_by(ACTION.c.asked_at, ACTION.c.key)
        return self._read(
            lambda connection: tuple(map(action_value, connection.execute(ordered).mappings()))
        )

    def expired_snapshots(self, at: datetime) -> tuple[SnapshotRow, ...]:
        """Return the snapshots whose time is over and that are not marked expired yet, oldest first."""
        query = (
            select(SNAPSHOT)
            .where(SNAPSHOT.c.expires_at <= at, SNAPSHOT.c.state != EXPIRED)
            .order_by(SNAPSHOT.c.expires_at, SNAPSHOT.c.id)
        )
        return self._read(
            lambda connection: tuple(map(snapshot_value, connection.execute(query).mappings()))
        )

    def snapshot_state(self, snapshot_id: str, state: str, at: datetime) -> None:
        """Record the state of a snapshot, with an audit entry; refuse one that is not known."""
        self._write(lambda connection: _snapshot_state(connection, snapshot_id, state, at))


def _start(connection: Connection, key: str, at: datetime) -> Action | None:
    started = connection.execute(
        update(ACTION)
        .where(ACTION.c.key == key, ACTION.c.state.in_((ACCEPTED, RUNNING)))
        .values(
            state=RUNNING,
            fence=ACTION.c.fence + 1,
            started_at=func.coalesce(ACTION.c.started_at, at),
        )
    )
    return find_action(connection, key) if started.rowcount == 1 else None


def _progress(
    connection: Connection, key: str, fence: int, progress: Json, at: datetime, cards: Sequence[str]
) -> bool:
    told = connection.execute(
        update(ACTION)
        .where(ACTION.c.key == key, ACTION.c.fence == fence, ACTION.c.state == RUNNING)
        .values(progress=progress)
    )
    if told.rowcount != 1:
        return False
    pace_cards(connection, cards, at)
    return True


def _snapshot_state(connection: Connection, snapshot_id: str, state: str, at: datetime) -> None:
    moved = connection.execute(
        update(SNAPSHOT)
        .where(SNAPSHOT.c.id == snapshot_id)
        .values(state=state)
        .returning(SNAPSHOT.c.release_id)
    ).one_or_none()
    if moved is None:
        raise Refusal(
            code=Code.UNKNOWN_NAME,
            failed=f"There is no snapshot {snapshot_id}.",
            expected="a snapshot that was recorded.",
            retry_is_safe=False,
        )
    body = {"snapshot": snapshot_id, "state": state}
    append_audit(
        connection,
        actor=BOT,
        act=f"snapshot {state}",
        at=at,
        release_id=moved.release_id,
        body=body,
    )
