"""What was released before, page by page: each page costs the same however many releases there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Connection, Select, func, or_, select

from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.story import has_route, with_routes
from bot.effects.ledger.tables import APPROVAL, RELEASE, RELEASE_ROUTE, STEP
from bot.effects.ledger.work_tables import ACTION
from bot.release.past import Page, Past
from bot.release.records import ActionKind, ActionState, Outcome, Release

Numbers = dict[int, list[float]]

NAMED = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


class PastLedger(Transactions):
    """What can be asked about earlier releases."""

    def past(
        self,
        *,
        app: str | None = None,
        route: str | None = None,
        text: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = 10,
    ) -> Page:
        """Return releases, newest first: those older than R-`before`, or the next newer than R-`after`."""
        return self._read(
            lambda connection: _page(
                connection,
                _conditions(connection, app, route, text),
                before,
                after,
                limit,
                by_route=route is not None,
            ),
        )


def _conditions(
    connection: Connection, app: str | None, route: str | None, text: str | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if app is not None:
        found.append(RELEASE.c.app == app)
    if route is not None:
        found.append(RELEASE_ROUTE.c.route == route)
    return found + [_holds(connection, word) for word in (text or "").split()]


def _holds(connection: Connection, word: str) -> ColumnElement[bool]:
    """Return the condition that a release's title, people or routes hold the word."""
    person = NAMED.fullmatch(word)
    if person is not None:
        return or_(RELEASE.c.owner == person[1], RELEASE.c.starter == person[1])
    in_title = func.lower(RELEASE.c.title).contains(word.lower(), autoescape=True)
    route = select(RELEASE_ROUTE.c.route).where(RELEASE_ROUTE.c.route == word.lower()).limit(1)
    # Looking a word up as a route for every title costs more than reading the titles: only where it is one.
    if connection.execute(route).first() is None:
        return in_title
    return or_(in_title, has_route(word.lower()))


def _page(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    before: int | None,
    after: int | None,
    limit: int,
    *,
    by_route: bool,
) -> Page:
    query = select(RELEASE).where(*conditions).limit(limit + 1)
    number: Column[int] = RELEASE.c.id
    if by_route:
        # The index of routes holds their releases in order: a route that is rare is found as quickly.
        number = RELEASE_ROUTE.c.release_id
        query = query.join(RELEASE_ROUTE, number == RELEASE.c.id)
    if after is not None:
        query = query.where(number > after).order_by(number)
    else:
        query = query.order_by(number.desc())
        query = query if before is None else query.where(number < before)
    found = with_routes(connection, connection.execute(query).mappings().all())
    more = len(found) > limit
    rows = found[:limit] if after is None else found[:limit][::-1]
    forward = after is not None
    return Page(
        rows=_told(connection, rows),
        newer=more if forward else before is not None,
        older=True if forward else more,
    )


def _told(connection: Connection, rows: Sequence[Release]) -> tuple[Past, ...]:
    numbers = [row.id for row in rows]
    verdicts: dict[int, list[Outcome | None]] = defaultdict(list)
    query = select(STEP.c.release_id, STEP.c.outcome).where(STEP.c.release_id.in_(numbers))
    for number, outcome in connection.execute(query.order_by(STEP.c.release_id, STEP.c.number)):
        verdicts[number].append(None if outcome is None else Outcome(outcome))
    rollbacks, waits = _rollbacks(connection, numbers), _waited(connection, numbers)
    return tuple(
        Past(
            release=row,
            outcomes=tuple(verdicts[row.id]),
            rollback_s=rollbacks[row.id][-1] if row.id in rollbacks else None,
            waits_s=tuple(waits.get(row.id, ())),
        )
        for row in rows
    )


def _rollbacks(connection: Connection, numbers: Sequence[int]) -> Numbers:
    query: Select[tuple[object, ...]] = (
        select(ACTION.c.release_id, ACTION.c.asked_at, ACTION.c.ended_at)
        .where(
            ACTION.c.release_id.in_(numbers),
            ACTION.c.kind == ActionKind.ROLLBACK.value,
            ACTION.c.state == ActionState.DONE.value,
            ACTION.c.ended_at.is_not(None),
        )
        .order_by(ACTION.c.ended_at)
    )
    found: Numbers = defaultdict(list)
    for row in connection.execute(query):
        found[row.release_id].append((row.ended_at - row.asked_at).total_seconds())
    return found


def _waited(connection: Connection, numbers: Sequence[int]) -> Numbers:
    """Return how long each approval waited: from the end of the run before it."""
    runs = (
        select(ACTION.c.release_id, ACTION.c.step, ACTION.c.ended_at)
        .where(
            ACTION.c.release_id.in_(numbers),
            ACTION.c.kind == ActionKind.RUN_STEP.value,
            ACTION.c.ended_at.is_not(None),
        )
        .order_by(ACTION.c.ended_at)
    )
    judged = defaultdict(list)
    for row in connection.execute(runs):
        judged[row.release_id, row.step].append(row.ended_at)
    given = select(APPROVAL.c.release_id, APPROVAL.c.step, APPROVAL.c.given_at)
    found: Numbers = defaultdict(list)
    for row in connection.execute(given.where(APPROVAL.c.release_id.in_(numbers))):
        ends = [end for end in judged[row.release_id, row.step] if end <= row.given_at]
        if ends:
            found[row.release_id].append((row.given_at - ends[-1]).total_seconds())
    return found
