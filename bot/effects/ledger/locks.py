"""Locks on apps: who holds one, until when, and when they are reminded of it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from bot.effects.ledger.connect import LostRaceError, insert
from bot.effects.ledger.lost import locked_by, not_locked
from bot.effects.ledger.rows import lock_value
from bot.effects.ledger.tables import APP_LOCK
from bot.release.records import Change, Lock


def keep_locks(connection: Connection, change: Change) -> None:
    """Lock or unlock what the change says; raise LostRaceError for a lock that is somebody else's by now."""
    if change.lock is not None:
        _lock(connection, change.lock, change.lock_from, change.lock_seen)
    if change.unlock is not None:
        _unlock(connection, *change.unlock)


def _lock(connection: Connection, lock: Lock, taken_from: str | None, seen: Lock | None) -> None:
    place = {"app": lock.app, "environment": lock.environment}
    query = select(APP_LOCK).filter_by(**place).with_for_update()
    stands = connection.execute(query).mappings().one_or_none()
    if seen is not None and (stands is None or lock_value(stands) != seen):
        raise LostRaceError(not_locked(**place) if stands is None else locked_by(stands))
    if stands is not None and stands["locked_by"] not in {lock.by, taken_from}:
        raise LostRaceError(locked_by(stands))
    fields = {
        "reason": lock.reason,
        "locked_by": lock.by,
        "locked_at": lock.at,
        "until": lock.until,
        "remind_at": lock.remind_at,
    }
    row = insert(connection, APP_LOCK).values(**place, **fields)
    connection.execute(row.on_conflict_do_update(index_elements=list(place), set_=fields))


def _unlock(connection: Connection, app: str, environment: str) -> None:
    gone = connection.execute(
        delete(APP_LOCK).where(APP_LOCK.c.app == app, APP_LOCK.c.environment == environment)
    )
    if gone.rowcount != 1:
        raise LostRaceError(not_locked(app, environment))
