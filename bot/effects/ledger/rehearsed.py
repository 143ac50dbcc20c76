"""What the ledger holds of rehearsals, and of the word that does without one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from bot.effects.ledger.connect import LostRaceError, insert_once
from bot.effects.ledger.rows import action_value
from bot.effects.ledger.tables import REHEARSAL_WAIVER
from bot.effects.ledger.work_tables import ACTION
from bot.release.records import Action, ActionKind, Waiver
from bot.release.rehearsing import scope_key

NEWEST = 10


def find_rehearsals(
    connection: Connection, app: str, environment: str, routes: Sequence[str]
) -> tuple[Action, ...]:
    """Return the newest rehearsals of exactly these routes, newest first, at most ten."""
    scope = scope_key(app, environment, routes)
    query = (
        select(ACTION)
        .where(
            ACTION.c.kind == ActionKind.REHEARSE.value,
            ACTION.c.key.startswith(f"{scope}:", autoescape=True),
        )
        .order_by(ACTION.c.asked_at.desc(), ACTION.c.key.desc())
        .limit(NEWEST)
    )
    return tuple(map(action_value, connection.execute(query).mappings()))


def find_waiver(connection: Connection, release_id: int) -> Waiver | None:
    """Return who said that a release may start without a rehearsal."""
    query = select(REHEARSAL_WAIVER).where(REHEARSAL_WAIVER.c.release_id == release_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Waiver(release_id=row.release_id, by=row.given_by, at=row.given_at, reason=row.reason)


def keep_waiver(connection: Connection, waiver: Waiver | None) -> None:
    """Write it, where there is one; raise LostRaceError where the release has one already."""
    if waiver is None:
        return
    row = {
        "release_id": waiver.release_id,
        "given_by": waiver.by,
        "given_at": waiver.at,
        "reason": waiver.reason,
    }
    if not insert_once(connection, REHEARSAL_WAIVER, row):
        raise LostRaceError("its rehearsal is waived already")
