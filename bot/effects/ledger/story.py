"""What the ledger holds, read as values."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, literal, select

from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.rows import (
    action_value,
    approval_value,
    lock_value,
    measurement_value,
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
from bot.effects.ledger.timers import find_timers
from bot.effects.ledger.work_tables import ACTION, MEASUREMENT, MESSAGE
from bot.release.drilling import DRILL
from bot.release.records import Action, Json, Lock, Measurement, Release, Story
from bot.release.states import LIVE
from bot.release.watch_plan import WATCH


class StoryLedger(Transactions):
    """What can be asked of the ledger."""

    def story(self, release_id: int) -> Story | None:
        """Return everything of one release."""
        return self._read(lambda connection: _story(connection, release_id))

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
        query = select(RELEASE).order_by(RELEASE.c.id.desc()).limit(limit)
        if app is not None:
            query = query.where(RELEASE.c.app == app)
        if route is not None:
            having = select(RELEASE_ROUTE.c.release_id).where(RELEASE_ROUTE.c.route == route)
            query = query.where(RELEASE.c.id.in_(having))
        if live:
            query = query.where(RELEASE.c.state.in_(sorted(state.value for state in LIVE)))
        return self._read(
            lambda connection: _with_routes(connection, connection.execute(query).mappings().all())
        )

    def lock(self, app: str, environment: str) -> Lock | None:
        """Return the lock on an app's environment."""
        return self._read(lambda connection: _lock(connection, app, environment))

    def locks(self) -> tuple[Lock, ...]:
        """Return every lock."""
        query = select(APP_LOCK).order_by(APP_LOCK.c.app, APP_LOCK.c.environment)
        return self._read(
            lambda connection: tuple(map(lock_value, connection.execute(query).mappings()))
        )

    def measurements(
        self, *, app: str, environment: str, route: str, kind: str, limit: int = 20
    ) -> tuple[Measurement, ...]:
        """Return what was measured of a route, newest first, alone or together with others."""
        query = (
            select(MEASUREMENT)
            .filter_by(app=app, environment=environment, kind=kind)
            # A release of several routes is measured at once: their names are joined by a plus.
            .where(literal("+").concat(MEASUREMENT.c.route).concat("+").contains(f"+{route}+"))
            .order_by(MEASUREMENT.c.taken_at.desc(), MEASUREMENT.c.id.desc())
            .limit(limit)
        )
        return self._read(
            lambda connection: tuple(map(measurement_value, connection.execute(query).mappings()))
        )

    def baseline(self, release_id: int, kind: str) -> Json | None:
        """Return what was measured for this release before anything was purged; the newest, if twice."""
        query = (
            select(MEASUREMENT.c.numbers)
            .filter_by(release_id=release_id, kind=kind, phase="before")
            .order_by(MEASUREMENT.c.id.desc())
            .limit(1)
        )
        found: Json | None = self._read(
            lambda connection: connection.execute(query).scalar_one_or_none()
        )
        return found


def find_release(connection: Connection, release_id: int) -> Release | None:
    """Return one release."""
    query = select(RELEASE).where(RELEASE.c.id == release_id)
    found = _with_routes(connection, connection.execute(query).mappings().all())
    return found[0] if found else None


def find_action(connection: Connection, key: str) -> Action | None:
    """Return one action."""
    row = connection.execute(select(ACTION).where(ACTION.c.key == key)).mappings().one_or_none()
    return None if row is None else action_value(row)


def _with_routes(connection: Connection, rows: Sequence[RowMapping]) -> tuple[Release, ...]:
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
        drill=_newest_drill(connection, release_id),
        timers=find_timers(connection, release_id),
        looks=_looks(connection, release_id),
    )


def _newest_drill(connection: Connection, release_id: int) -> Measurement | None:
    query = (
        select(MEASUREMENT)
        .filter_by(release_id=release_id, kind=DRILL)
        .order_by(MEASUREMENT.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else measurement_value(row)


def _looks(connection: Connection, release_id: int) -> tuple[Measurement, ...]:
    query = (
        select(MEASUREMENT).filter_by(release_id=release_id, kind=WATCH).order_by(MEASUREMENT.c.id)
    )
    return tuple(map(measurement_value, connection.execute(query).mappings()))
