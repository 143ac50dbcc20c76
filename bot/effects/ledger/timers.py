"""The moments that the clock waits for: armed together, each acted on once, cancelled together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.effects.ledger.connect import LostRaceError
from bot.effects.ledger.work_tables import TIMER
from bot.release.records import Change
from bot.release.states import ReleaseState
from bot.release.timers import Timer, TimerMove, TimerState


def find_timers(connection: Connection, release_id: int) -> tuple[Timer, ...]:
    """Return a release's timers, by number."""
    query = select(TIMER).where(TIMER.c.release_id == release_id).order_by(TIMER.c.number)
    return tuple(
        Timer(**{**row, "state": TimerState(row["state"])})
        for row in connection.execute(query).mappings()
    )


def keep_timers(connection: Connection, change: Change) -> None:
    """Arm what a watch begins with, cancel what is left of one that ends, and move those that were acted on."""
    for move in change.releases:
        if move.to is ReleaseState.WATCHING:
            _arm(connection, move.timers)
        else:
            _cancel(connection, move.id)
    for timer in change.timers:
        _move(connection, timer, change.at)


def _arm(connection: Connection, timers: Sequence[Timer]) -> None:
    rows = [{**asdict(timer), "state": timer.state.value} for timer in timers]
    if rows:
        connection.execute(TIMER.insert(), rows)


def _move(connection: Connection, move: TimerMove, at: datetime) -> None:
    fields = {"state": move.to.value}
    fired = {"fired_at": at} if move.to is TimerState.FIRED else {}
    moved = connection.execute(
        update(TIMER)
        .where(TIMER.c.key == move.key, TIMER.c.state == move.seen.value)
        .values(**fields, **fired)
    )
    if moved.rowcount != 1:
        raise LostRaceError(f"the moment {move.key} was acted on already")


def _cancel(connection: Connection, release_id: int) -> None:
    # What has fired is left to the one who works on it.
    connection.execute(
        update(TIMER)
        .where(TIMER.c.release_id == release_id, TIMER.c.state == TimerState.ARMED.value)
        .values(state=TimerState.CANCELLED.value)
    )
