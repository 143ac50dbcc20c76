"""What the ledger says of itself when somebody measures: cheap counts, all of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.effects.ledger.backlog import backlog_at
from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.tables import RELEASE, SNAPSHOT
from bot.effects.ledger.work_tables import AUDIT_HEAD
from bot.release.health import Backlog
from bot.release.states import LIVE


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """What waits, how many releases are live, the bytes of snapshots not yet expired, entries of the audit."""

    backlog: Backlog
    live: int
    snapshot_bytes: int
    audit_entries: int


class GaugeLedger(Transactions):
    """What can be measured of the ledger; each count is answered by an index or a small table."""

    def gauges(self, at: datetime) -> Gauges:
        """Return the counts at that moment."""
        return self._read(lambda connection: _gauges(connection, at))


def _gauges(connection: Connection, at: datetime) -> Gauges:
    live = (
        select(func.count())
        .select_from(RELEASE)
        .where(RELEASE.c.state.in_(sorted(state.value for state in LIVE)))
    )
    held = select(func.coalesce(func.sum(SNAPSHOT.c.bytes), 0)).where(
        SNAPSHOT.c.expires_at > at, SNAPSHOT.c.state != "expired"
    )
    return Gauges(
        backlog=backlog_at(connection, at),
        live=connection.execute(live).scalar_one(),
        snapshot_bytes=int(connection.execute(held).scalar_one()),
        audit_entries=connection.execute(select(AUDIT_HEAD.c.seq)).scalar_one(),
    )
