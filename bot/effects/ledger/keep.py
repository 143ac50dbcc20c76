"""Keeps one change: every part of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select, update

from bot.effects.ledger.audit import append_audit
from bot.effects.ledger.cards import put_cards
from bot.effects.ledger.connect import LostRaceError, insert, insert_once
from bot.effects.ledger.enrolment import keep_enrolment
from bot.effects.ledger.locks import keep_locks
from bot.effects.ledger.lost import (
    already_approved,
    already_asked,
    what_of_action,
    what_of_release,
    what_of_step,
)
from bot.effects.ledger.rehearsed import keep_waiver
from bot.effects.ledger.reminders import keep_reminders
from bot.effects.ledger.rows import action_row, measurement_row, verdict_row
from bot.effects.ledger.steering import steer
from bot.effects.ledger.tables import APPROVAL, RELEASE, SNAPSHOT, STEP
from bot.effects.ledger.timeline import calls_to_redraw, keep_notes
from bot.effects.ledger.timers import keep_timers
from bot.effects.ledger.waiting import keep_notices, keep_waits
from bot.effects.ledger.work_tables import ACTION, MEASUREMENT
from bot.release.records import (
    ENDED_ACTION,
    Action,
    ActionMove,
    Approval,
    Change,
    ReleaseMove,
    SnapshotRow,
    StepMove,
)
from bot.release.states import LIVE, Move, ReleaseState, StepState
from bot.release.states import RELEASE as RELEASE_LIFE
from bot.release.states import STEP as STEP_LIFE

State = TypeVar("State", ReleaseState, StepState)

ENDED = tuple(sorted(state.value for state in ENDED_ACTION))


def keep_change(connection: Connection, change: Change) -> None:
    """Write the change; raise LostRaceError at the first part that no longer fits what stands.

    The order is the same for everybody, so that two changes never wait for each other:
    what was asked, who approved, the moves, the rest, and the audit last.
    """
    for request in change.requests:
        _ask(connection, request)
    for approval in change.approvals:
        _approve(connection, approval)
    _move_actions(connection, change)
    for release in change.releases:
        _move_release(connection, release, change.at)
    keep_timers(connection, change)
    for step in change.steps:
        _move_step(connection, step, change.at)
    for snapshot in change.snapshots:
        _keep_snapshot(connection, snapshot)
    for measurement in change.measurements:
        connection.execute(MEASUREMENT.insert().values(**measurement_row(measurement)))
    keep_locks(connection, change)
    keep_waits(connection, change)
    reminded = keep_reminders(connection, change)
    keep_notes(connection, change)
    keep_waiver(connection, change.waiver)
    keep_enrolment(connection, change.enrolment)
    append_audit(
        connection,
        actor=change.by,
        act=change.act,
        at=change.at,
        release_id=change.release_id,
        body=change.body,
    )
    told = (*keep_notices(connection, change), *calls_to_redraw(connection, change))
    put_cards(connection, (*change.cards, *told, *reminded), change.at)


def leading_to(life: Mapping[State, Mapping[Move, State]], to: State) -> tuple[str, ...]:
    """Return the states from which some move of the table leads there."""
    return tuple(state.value for state, moves in life.items() if to in moves.values())


def _ask(connection: Connection, request: Action) -> None:
    if not insert_once(connection, ACTION, action_row(request)):
        before = connection.execute(select(ACTION).where(ACTION.c.key == request.key))
        raise LostRaceError(already_asked(before.mappings().one()), asked_key=request.key)


def _approve(connection: Connection, approval: Approval) -> None:
    row = {
        "release_id": approval.release_id,
        "step": approval.step,
        "plan_hash": approval.plan_hash,
        "given_by": approval.by,
        "given_at": approval.at,
        "required_from": approval.required_from,
    }
    if not insert_once(connection, APPROVAL, row):
        raise LostRaceError(already_approved())


def _move_actions(connection: Connection, change: Change) -> None:
    for action in change.actions:
        _move_action(connection, action, change.at)
    for steering in change.steering:
        steer(connection, steering, change.by, change.at)


def _move_action(connection: Connection, move: ActionMove, at: datetime) -> None:
    moved = connection.execute(
        update(ACTION)
        .where(
            ACTION.c.key == move.key,
            ACTION.c.fence == move.seen_fence,
            ACTION.c.state.not_in(ENDED),
        )
        .values(
            state=move.to.value,
            result=move.result,
            ended_at=at if move.to in ENDED_ACTION else None,
        )
    )
    _expect_one(moved.rowcount, lambda: what_of_action(connection, move))


def _move_release(connection: Connection, move: ReleaseMove, at: datetime) -> None:
    fields: dict[str, Any] = {"state": move.to.value, "version": RELEASE.c.version + 1}
    if move.previous is not None:
        fields["previous"] = move.previous
    if move.hotfix is not None:
        fields["hotfix"] = move.hotfix
    if move.ended:
        fields["ended_at"] = at
    elif move.to in LIVE:
        fields["ended_at"] = None
    moved = connection.execute(
        update(RELEASE)
        .where(
            RELEASE.c.id == move.id,
            RELEASE.c.version == move.seen_version,
            RELEASE.c.state.in_(leading_to(RELEASE_LIFE, move.to)),
        )
        .values(fields)
    )
    _expect_one(moved.rowcount, lambda: what_of_release(connection, move))


def _move_step(connection: Connection, move: StepMove, at: datetime) -> None:
    wanted = {name: getattr(move, name) for name in ("owner", "plan", "plan_hash", "reason")}
    fields = {name: value for name, value in wanted.items() if value is not None}
    fields["moved_at"] = at
    if move.verdict is not None:
        fields |= verdict_row(move.verdict)
    moved = connection.execute(
        update(STEP)
        .where(
            STEP.c.release_id == move.release_id,
            STEP.c.number == move.number,
            STEP.c.version == move.seen_version,
            STEP.c.state.in_(leading_to(STEP_LIFE, move.to)),
        )
        .values(**fields, state=move.to.value, version=STEP.c.version + 1)
    )
    _expect_one(moved.rowcount, lambda: what_of_step(connection, move))


def _expect_one(changed: int, what: Callable[[], str]) -> None:
    if changed != 1:
        raise LostRaceError(what())


def _keep_snapshot(connection: Connection, snapshot: SnapshotRow) -> None:
    fields = {
        "state": snapshot.state,
        "keys": snapshot.keys,
        "bytes": snapshot.bytes,
        "expires_at": snapshot.expires_at,
    }
    born = {
        "id": snapshot.id,
        "release_id": snapshot.release_id,
        "purpose": snapshot.purpose,
        "created_at": snapshot.created_at,
    }
    row = insert(connection, SNAPSHOT).values(**born, **fields)
    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=fields))
