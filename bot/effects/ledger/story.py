"""What the ledger holds, read as values."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, select

from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.measured import newest_drill, watch_looks
from bot.effects.ledger.rehearsed import find_rehearsals, find_waiver
from bot.effects.ledger.reminders import find_reminders
from bot.effects.ledger.rows import (
    action_value,
    approval_value,
    lock_value,
    release_value,
    snapshot_value,
    step_value,
)
from bot.effects.ledger.tables import (
    APP_LOCK,
    APPROVAL,
    RELEASE,
    RELEASE_ROUTE,
    SNAPSHOT,
    STEP,
)
from bot.effects.ledger.timeline import find_calls, find_evidence, find_notes, last_mover
from bot.effects.ledger.timers import find_timers
from bot.effects.ledger.waiting import waits_behind
from bot.effects.ledger.work_tables import ACTION, MESSAGE
from bot.release.records import Action, Lock, Release, Story
from bot.release.states import LIVE


class StoryLedger(Transactions):
    """What can be asked of the ledger."""

    def story(self, release_id: int) -> Story | None:
        """Return everything of one release."""
        return self._read(lambda connection: _story(connection, release_id))

    def release(self, release_id: int) -> Release | None:
        """Return one release, without what belongs to it."""
        return self._read(lambda connection: find_release(connection, release_id))

    def release_in_thread(self, channel: str, thread_ts: str) -> int | None:
        """Return the release whose root card has this timestamp."""
        query = select(MESSAGE.c.release_id).where(
            MESSAGE.c.channel == channel,
            MESSAGE.c.ts == thread_ts,
            MESSAGE.c.card.startswith("root:"),
        )
        return self._read(lambda connection: connection.execute(query).scalar_one_or_none())

    def action(self, key: str) -> Action | None:
        """Return one action."""
        return self._read(lambda connection: find_action(connection, key))

    def releases(
        self,
        *,
        app: str | None = None,
        route: str | None = None,
        live: bool = False,
        limit: int = 10,
    ) -> tuple[Release, ...]:
        """Return releases, newest first."""
        if live:
            return self._read(lambda connection: _live(connection, app, route))[:limit]
        query = select(RELEASE).order_by(RELEASE.c.id.desc()).limit(limit)
        if app is not None:
            query = query.where(RELEASE.c.app == app)
        if route is not None:
            query = query.join(RELEASE_ROUTE, RELEASE_ROUTE.c.release_id == RELEASE.c.id)
            query = query.where(RELEASE_ROUTE.c.route == route)
            query = query.order_by(None).order_by(RELEASE_ROUTE.c.release_id.desc())
        return self._read(
            lambda connection: with_routes(connection, connection.execute(query).mappings().all())
        )

    def lock(self, app: str, environment: str) -> Lock | None:
        """Return the lock on an app's environment."""
        return self._read(lambda connection: _lock(connection, app, environment))

    def rehearsals(self, app: str, environment: str, routes: Sequence[str]) -> tuple[Action, ...]:
        """Return the rehearsals of a scope for an environment, newest first."""
        return self._read(lambda connection: find_rehearsals(connection, app, environment, routes))

    def locks(self) -> tuple[Lock, ...]:
        """Return every lock."""
        query = select(APP_LOCK).order_by(APP_LOCK.c.app, APP_LOCK.c.environment)
        return self._read(
            lambda connection: tuple(map(lock_value, connection.execute(query).mappings()))
        )


def has_route(route: str) -> ColumnElement[bool]:
    """Return the condition that a release has the route; it is looked up release by release, newest first."""
    return (
        select(RELEASE_ROUTE.c.release_id)
        .where(RELEASE_ROUTE.c.release_id == RELEASE.c.id, RELEASE_ROUTE.c.route == route)
        .exists()
    )


def _live(connection: Connection, app: str | None, route: str | None) -> tuple[Release, ...]:
    """Return what is live, newest first: few among many, so their states' index finds them, and all else follows."""
    query = select(RELEASE).where(RELEASE.c.state.in_(sorted(state.value for state in LIVE)))
    found = with_routes(connection, connection.execute(query).mappings().all())
    fitting = (
        row for row in found if app in {None, row.app} and (route is None or route in row.routes)
    )
    return tuple(sorted(fitting, key=lambda row: row.id, reverse=True))


def find_release(connection: Connection, release_id: int) -> Release | None:
    """Return one release."""
    query = select(RELEASE).where(RELEASE.c.id == release_id)
    found = with_routes(connection, connection.execute(query).mappings().all())
    return found[0] if found else None


def find_action(connection: Connection, key: str) -> Action | None:
    """Return one action."""
    row = connection.execute(select(ACTION).where(ACTION.c.key == key)).mappings().one_or_none()
    return None if row is None else action_value(row)


def with_routes(connection: Connection, rows: Sequence[RowMapping]) -> tuple[Release, ...]:
    """Return the releases of these rows, each with its routes, in the order of the rows."""
    routes: dict[int, list[str]] = {row["id"]: [] for row in rows}
    query = (
        select(RELEASE_ROUTE)
        .where(RELEASE_ROUTE.c.release_id.in_(routes))
        .order_by(RELEASE_ROUTE.c.position)
    )
    for row in connection.execute(query):
        routes[row.release_id].append(row.route)
    return tuple(release_value(row, tuple(routes[row["id"]])) for row in rows)


def _lock(connection: Connection, app: str, environment: str) -> Lock | None:
    query = select(APP_LOCK).filter_by(app=app, environment=environment)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else lock_value(row)


def _story(connection: Connection, release_id: int) -> Story | None:
    release = find_release(connection, release_id)
    if release is None:
        return None

    def rows(table: Table, *order: ColumnElement[object]) -> Sequence[RowMapping]:
        query = select(table).where(table.c.release_id == release_id).order_by(*order)
        return connection.execute(query).mappings().all()

    return Story(
        release=release,
        steps=tuple(map(step_value, rows(STEP, STEP.c.number))),
        approvals=tuple(
            map(approval_value, rows(APPROVAL, APPROVAL.c.given_at, APPROVAL.c.given_by))
        ),
        actions=tuple(map(action_value, rows(ACTION, ACTION.c.asked_at, ACTION.c.key))),
        snapshots=tuple(map(snapshot_value, rows(SNAPSHOT, SNAPSHOT.c.created_at, SNAPSHOT.c.id))),
        lock=_lock(connection, release.app, release.environment),
        drill=newest_drill(connection, release_id),
        rehearsals=find_rehearsals(connection, release.app, release.environment, release.routes),
        waiver=find_waiver(connection, release_id),
        queue=waits_behind(connection, release_id),
        calls=find_calls(connection, release_id),
        notes=find_notes(connection, release_id),
        moved_by=last_mover(connection, release_id),
        timers=find_timers(connection, release_id),
        looks=watch_looks(connection, release_id),
        evidence=find_evidence(connection, release_id),
        reminders=find_reminders(connection, release_id),
    )
