"""Whether the keys that a release wants are free, and whose turn it is, settled in the transaction that opens it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection, select, text, update

from bot.effects.ledger.connect import LostRaceError
from bot.effects.ledger.tables import RELEASE, RELEASE_ROUTE
from bot.effects.ledger.waiting import open_waits
from bot.effects.ledger.waiting_tables import RELEASE_SCOPE, WAITING
from bot.release.overlap import overlap
from bot.release.queueing import Held, shares, whose_turn
from bot.release.records import NewRelease
from bot.release.states import LIVE

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('open a release', 0))")
LIVE_STATES = tuple(sorted(state.value for state in LIVE))


def refuse_taken(connection: Connection, new: NewRelease, *, by: str, at: datetime) -> None:
    """Raise LostRaceError where a live release holds one of the keys, or it is somebody else's turn."""
    if connection.dialect.name == "postgresql":
        # Openings happen one after another in the whole cluster; SQLite has one writer anyway.
        connection.execute(ONE_AT_A_TIME)
    _refuse_taken_route(connection, new)
    live = held_scopes(connection)
    for held in reversed(live):
        if held.place == new.place:
            _refuse_taken_key(new, held)
    if new.hotfix is None:
        _refuse_other_turn(connection, new, live, by=by, at=at)


def held_scopes(connection: Connection) -> tuple[Held, ...]:
    """Return what the live releases hold, oldest first."""
    query = (
        select(RELEASE_SCOPE)
        .join(RELEASE, RELEASE.c.id == RELEASE_SCOPE.c.release_id)
        .where(RELEASE.c.state.in_(LIVE_STATES))
        .order_by(RELEASE_SCOPE.c.release_id, RELEASE_SCOPE.c.position)
    )
    patterns: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in connection.execute(query):
        patterns[row.release_id, row.place].append(row.pattern)
    return tuple(
        Held(release=number, place=place, patterns=tuple(found))
        for (number, place), found in patterns.items()
    )


def take_turn(connection: Connection, new: NewRelease, *, by: str, at: datetime) -> None:
    """End the waiting of the one who opens the release: they have what they waited for."""
    mine = [
        row.id
        for row in open_waits(connection)
        if row.who == by and shares(new.place, new.scope, row)
    ]
    if mine:
        connection.execute(update(WAITING).where(WAITING.c.id.in_(mine)).values(ended_at=at))


def _refuse_taken_route(connection: Connection, new: NewRelease) -> None:
    query = (
        select(RELEASE.c.id, RELEASE_ROUTE.c.route)
        .join(RELEASE_ROUTE, RELEASE_ROUTE.c.release_id == RELEASE.c.id)
        .where(
            RELEASE.c.app == new.app,
            RELEASE.c.environment == new.environment,
            RELEASE.c.state.in_(LIVE_STATES),
            RELEASE_ROUTE.c.route.in_(new.routes),
        )
        .order_by(RELEASE.c.id.desc(), RELEASE_ROUTE.c.position)
        .limit(1)
    )
    taken = connection.execute(query).one_or_none()
    if taken is not None:
        raise LostRaceError(
            f"route {taken.route} of {new.app} {new.environment} is in R-{taken.id}, which is live",
            release=taken.id,
        )


def _refuse_taken_key(new: NewRelease, held: Held) -> None:
    found = overlap(new.scope, held.patterns)
    if found is not None:
        ours, theirs, key = found
        raise LostRaceError(
            f"`{ours}` here and `{theirs}` of R-{held.release}, which is live, "
            f"can both take the key `{key}`",
            release=held.release,
        )


def _refuse_other_turn(
    connection: Connection, new: NewRelease, live: tuple[Held, ...], *, by: str, at: datetime
) -> None:
    waits = open_waits(connection)
    turn = whose_turn(new.place, new.scope, by, waits=waits, live=live, at=at)
    if turn is not None:
        raise LostRaceError(
            f"others queue for {', '.join(turn.routes)} of {turn.app} {turn.environment}, "
            f"and it is the turn of <@{turn.who}>",
            turn=turn.who,
        )
