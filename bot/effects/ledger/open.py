"""Opens a release; of two that want the same route at the same time one is told about the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from bot.effects.ledger.audit import append_audit
from bot.effects.ledger.cards import put_cards
from bot.effects.ledger.connect import LostRaceError
from bot.effects.ledger.story import find_release
from bot.effects.ledger.tables import RELEASE, RELEASE_ROUTE, STEP
from bot.release.records import NewRelease, Release
from bot.release.states import LIVE, ReleaseState, StepState

QUEUE = text("SELECT pg_advisory_xact_lock(hashtextextended(:target, 0))")


def write_release(connection: Connection, new: NewRelease, *, by: str, at: datetime) -> Release:
    """Write the release, its steps, its audit entry and its cards; raise LostRaceError for a taken route."""
    _queue_up(connection, new)
    _refuse_taken_route(connection, new)
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
    }
    written = connection.execute(insert(RELEASE).values(values).returning(RELEASE.c.id))
    number: int = written.scalar_one()
    _write_lines(connection, number, new)
    body = {
        "app": new.app,
        "environment": new.environment,
        "routes": new.routes,
        "title": new.title,
        "owner": new.owner,
        "catalog_hash": new.catalog_hash,
    }
    append_audit(connection, actor=by, act="start", at=at, release_id=number, body=body)
    steps = (f"step:{number}:{place}" for place in range(1, len(new.steps) + 1))
    first = (f"rehearsal:{number}",) if new.gated else ()
    put_cards(connection, (f"root:{number}", *first, *steps), at)
    release = find_release(connection, number)
    assert release is not None
    return release


def _queue_up(connection: Connection, new: NewRelease) -> None:
    """Let the openings of one app and environment happen one after another; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(QUEUE, {"target": f"open {new.app}/{new.environment}"})


def _refuse_taken_route(connection: Connection, new: NewRelease) -> None:
    query = (
        select(RELEASE.c.id, RELEASE_ROUTE.c.route)
        .join(RELEASE_ROUTE, RELEASE_ROUTE.c.release_id == RELEASE.c.id)
        .where(
            RELEASE.c.app == new.app,
            RELEASE.c.environment == new.environment,
            RELEASE.c.state.in_(sorted(state.value for state in LIVE)),
            RELEASE_ROUTE.c.route.in_(new.routes),
        )
        .order_by(RELEASE.c.id.desc(), RELEASE_ROUTE.c.position)
        .limit(1)
    )
    taken = connection.execute(query).one_or_none()
    if taken is not None:
        raise LostRaceError(
            f"route {taken.route} of {new.app} {new.environment} is in R-{taken.id}, which is live"
        )


def _write_lines(connection: Connection, number: int, new: NewRelease) -> None:
    routes = [
        {"release_id": number, "route": route, "position": position}
        for position, route in enumerate(new.routes)
    ]
    connection.execute(insert(RELEASE_ROUTE), routes)
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
        }
        for place, step in enumerate(new.steps, start=1)
    ]
    connection.execute(insert(STEP), steps)
