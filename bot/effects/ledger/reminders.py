"""Reminders in the ledger: each goes out once, is answered once, and ends with what it was about."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from bot.effects.ledger.connect import LostRaceError, Transactions, insert_once
from bot.effects.ledger.reminder_tables import REMINDER
from bot.effects.ledger.tables import RELEASE, SNAPSHOT, STEP
from bot.release.records import Change, StepMove
from bot.release.reminders import (
    Answer,
    Kind,
    Reminder,
    ReminderMove,
    Sending,
    ends_with_release,
    ends_with_step,
)
from bot.release.states import LIVE, ReleaseState


class ReminderLedger(Transactions):
    """What can be asked about reminders."""

    def to_remind_of(self, at: datetime, expiring: timedelta, ended: timedelta) -> tuple[int, ...]:
        """Return the releases of which somebody may have to be reminded, by number.

        These are the live ones, those that ended within the span `ended`, those whose snapshot expires within
        the span `expiring`, and those of which a reminder was snoozed until now.
        """
        watched = select(REMINDER.c.release_id).where(REMINDER.c.kind == Kind.WATCHED.value)
        recent = RELEASE.c.ended_at > at - ended
        news: tuple[ColumnElement[bool], ...] = (
            (RELEASE.c.state == ReleaseState.DONE.value) & RELEASE.c.id.not_in(watched),
            RELEASE.c.state == ReleaseState.ROLLED_BACK.value,
        )
        again = select(REMINDER.c.release_id).where(
            REMINDER.c.answer == Answer.SNOOZED.value, REMINDER.c.again_at <= at
        )
        soon = select(SNAPSHOT.c.release_id).where(
            SNAPSHOT.c.expires_at > at, SNAPSHOT.c.expires_at <= at + expiring
        )
        live = RELEASE.c.state.in_(sorted(state.value for state in LIVE))
        query = (
            select(RELEASE.c.id)
            .where(
                live
                | (recent & (news[0] | news[1]))
                | RELEASE.c.id.in_(soon)
                | RELEASE.c.id.in_(again)
            )
            .order_by(RELEASE.c.id)
        )
        return self._read(lambda connection: tuple(connection.execute(query).scalars()))


def find_reminders(connection: Connection, release_id: int) -> tuple[Reminder, ...]:
    """Return the reminders of a release that went out, oldest first."""
    query = (
        select(REMINDER)
        .where(REMINDER.c.release_id == release_id)
        .order_by(REMINDER.c.sent_at, REMINDER.c.key)
    )
    return tuple(map(_reminder, connection.execute(query).mappings()))


def _reminder(row: RowMapping) -> Reminder:
    answer = None if row["answer"] is None else Answer(row["answer"])
    return Reminder(**{**row, "kind": Kind(row["kind"]), "answer": answer})


def keep_reminders(connection: Connection, change: Change) -> tuple[str, ...]:
    """Write reminders and their answers, end those whose cause moved on; return the messages to draw again.

    Raise LostRaceError where a reminder went out or was answered before, or its release moved on meanwhile.
    """
    redrawn: list[str] = []
    for move in change.reminder_moves:
        _answer(connection, move, change.at)
        redrawn.append(move.key)
    for sending in change.reminders:
        redrawn += _send(connection, sending, change.at)
    redrawn += _end(connection, change)
    return tuple(f"notice:{key}" for key in redrawn)


def _answer(connection: Connection, move: ReminderMove, at: datetime) -> None:
    moved = connection.execute(
        update(REMINDER)
        .where(REMINDER.c.key == move.key, REMINDER.c.answer.is_(None))
        .values(
            answer=move.to.value, answered_at=at, again_at=move.again_at, passed_to=move.passed_to
        )
    )
    if moved.rowcount != 1:
        raise LostRaceError("this reminder was answered already")


def _send(connection: Connection, sending: Sending, at: datetime) -> list[str]:
    """Write a reminder; an older one of the same wait that is open or snoozed is overtaken by it."""
    reminder = sending.reminder
    _require_unmoved(connection, sending)
    row: dict[str, Any] = {**asdict(reminder), "kind": reminder.kind.value}
    if not insert_once(connection, REMINDER, row):
        raise LostRaceError(f"{reminder.key} went out already")
    older = (
        REMINDER.c.wait == reminder.wait,
        REMINDER.c.release_id == reminder.release_id,
        REMINDER.c.person == reminder.person,
        REMINDER.c.key != reminder.key,
        _unanswered(),
    )
    return _close(connection, older, Answer.NEWER, at)


def _require_unmoved(connection: Connection, sending: Sending) -> None:
    """Hold the release and the step as they were seen until the reminder is written."""
    reminder = sending.reminder
    release = select(RELEASE.c.version).where(RELEASE.c.id == reminder.release_id)
    seen = [(release, sending.release_version)]
    if sending.step_version is not None:
        step = select(STEP.c.version).where(
            STEP.c.release_id == reminder.release_id, STEP.c.number == reminder.step
        )
        seen.append((step, sending.step_version))
    for query, version in seen:
        if connection.execute(query.with_for_update(read=True)).scalar_one() != version:
            raise LostRaceError(f"R-{reminder.release_id} moved on: nobody need be reminded")


def _end(connection: Connection, change: Change) -> list[str]:
    """End the reminders of what a release leaves behind with this change."""
    ended: list[str] = []
    for move in change.releases:
        kinds = [kind.value for kind in Kind if ends_with_release(kind, move.to)]
        ended += _over(connection, move.id, REMINDER.c.kind.in_(kinds), at=change.at)
    for step in change.steps:
        ended += _over_with_step(connection, step, change.at)
    if change.steering and change.release_id is not None:
        resumed = REMINDER.c.kind == Kind.RESUME.value
        ended += _over(connection, change.release_id, resumed, at=change.at)
    return ended


def _over_with_step(connection: Connection, move: StepMove, at: datetime) -> list[str]:
    kinds = [kind.value for kind in Kind if ends_with_step(kind, move.to)]
    mine = (REMINDER.c.kind.in_(kinds), REMINDER.c.step == move.number)
    return _over(connection, move.release_id, *mine, at=at)


def _over(
    connection: Connection, release_id: int, *conditions: ColumnElement[bool], at: datetime
) -> list[str]:
    where = (REMINDER.c.release_id == release_id, _unanswered(), *conditions)
    return _close(connection, where, Answer.OVER, at)


def _unanswered() -> ColumnElement[bool]:
    """Return the condition that a reminder may still come again, or be answered."""
    return REMINDER.c.answer.is_(None) | (REMINDER.c.answer == Answer.SNOOZED.value)


def _close(
    connection: Connection, where: tuple[ColumnElement[bool], ...], answer: Answer, at: datetime
) -> list[str]:
    keys = list(connection.execute(select(REMINDER.c.key).where(*where)).scalars())
    if keys:
        connection.execute(
            update(REMINDER)
            .where(REMINDER.c.key.in_(keys))
            .values(answer=answer.value, answered_at=at, again_at=None)
        )
    return keys
