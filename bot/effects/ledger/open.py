"""Opens a release; of two that want the same keys at the same time one is told about the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from bot.effects.ledger.audit import append_audit
from bot.effects.ledger.cards import put_cards
from bot.effects.ledger.story import find_release
from bot.effects.ledger.tables import RELEASE, RELEASE_ROUTE, STEP
from bot.effects.ledger.taken import refuse_taken, take_turn
from bot.effects.ledger.waiting_tables import RELEASE_SCOPE
from bot.release.records import NewRelease, Release
from bot.release.states import ReleaseState, StepState


def write_release(connection: Connection, new: NewRelease, *, by: str, at: datetime) -> Release:
    """Write the release, its steps, its audit entry and its cards; raise LostRaceError for taken keys."""
    refuse_taken(connection, new, by=by, at=at)
    values = {
        "app": new.app,
        "environment": new.environment,
        "title": new.title,
        "starter": new.starter,
        "owner": new.owner,
        "state": ReleaseState.OPEN.value,
        "version": 1,
        "channel": new.channel,
        "previous": new.previous,
        "catalog_hash": new.catalog_hash,
        "started_at": at,
        "hotfix": new.hotfix,
    }
    written = connection.execute(insert(RELEASE).values(values).returning(RELEASE.c.id))
    number: int = written.scalar_one()
    _write_lines(connection, number, new, at)
    take_turn(connection, new, by=by, at=at)
    body = {
        "app": new.app,
        "environment": new.environment,
        "routes": new.routes,
        "title": new.title,
        "owner": new.owner,
        "catalog_hash": new.catalog_hash,
    }
    if new.hotfix is not None:
        body["hotfix"] = new.hotfix
    append_audit(connection, actor=by, act="start", at=at, release_id=number, body=body)
    steps = (f"step:{number}:{place}" for place in range(1, len(new.steps) + 1))
    first = (f"rehearsal:{number}",) if new.gated else ()
    put_cards(connection, (f"root:{number}", *first, *steps), at)
    release = find_release(connection, number)
    assert release is not None
    return release


def _write_lines(connection: Connection, number: int, new: NewRelease, at: datetime) -> None:
    routes = [
        {"release_id": number, "route": route, "position": position}
        for position, route in enumerate(new.routes)
    ]
    connection.execute(insert(RELEASE_ROUTE), routes)
    scope = [
        {"release_id": number, "position": position, "place": new.place, "pattern": pattern}
        for position, pattern in enumerate(new.scope)
    ]
    if scope:
        connection.execute(insert(RELEASE_SCOPE), scope)
    steps = [
        {
            "release_id": number,
            "number": place,
            "kind": step.kind,
            "title": step.title,
            "owner": step.owner,
            "expected": step.expected,
            "rollback_note": step.rollback_note,
            "state": (StepState.READY if place == 1 else StepState.WAITING).value,
            "version": 1,
            "moved_at": at,
        }
        for place, step in enumerate(new.steps, start=1)
    ]
    connection.execute(insert(STEP), steps)
