"""What was measured, read as values."""

from __future__ import annotations

from sqlalchemy import Connection, literal, select

from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.rows import measurement_value
from bot.effects.ledger.work_tables import MEASUREMENT
from bot.release.drilling import DRILL
from bot.release.records import Json, Measurement
from bot.release.watch_plan import WATCH


class MeasuredLedger(Transactions):
    """What can be asked of the measurements."""

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


def newest_drill(connection: Connection, release_id: int) -> Measurement | None:
    """Return the newest drill of a release's rollback."""
    query = (
        select(MEASUREMENT)
        .filter_by(release_id=release_id, kind=DRILL)
        .order_by(MEASUREMENT.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else measurement_value(row)


def watch_looks(connection: Connection, release_id: int) -> tuple[Measurement, ...]:
    """Return what the watch of a release saw, in order."""
    query = (
        select(MEASUREMENT).filter_by(release_id=release_id, kind=WATCH).order_by(MEASUREMENT.c.id)
    )
    return tuple(map(measurement_value, connection.execute(query).mappings()))
