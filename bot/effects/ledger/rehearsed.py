"""The newest rehearsal of a release's rollback, read from what was measured."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.effects.ledger.rows import measurement_value
from bot.effects.ledger.work_tables import MEASUREMENT
from bot.release.drilling import DRILL
from bot.release.records import Measurement


def newest_drill(connection: Connection, release_id: int) -> Measurement | None:
    """Return the newest rehearsal of a release's rollback, None where there was none."""
    query = (
        select(MEASUREMENT)
        .filter_by(release_id=release_id, kind=DRILL)
        .order_by(MEASUREMENT.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else measurement_value(row)
