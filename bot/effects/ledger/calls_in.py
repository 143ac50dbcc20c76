"""Calls that came in from other systems: each event id is carried out once, over all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Delete, Update, delete, func, select, update

from bot.effects.ledger.connect import Transactions, insert_once
from bot.effects.ledger.hook_tables import WEBHOOK_IN


class CallLedger(Transactions):
    """What the door for other systems needs."""

    def call_taken(self, app: str, event_id: str, at: datetime) -> bool:
        """Record that a call is being carried out; False where one with this id came before."""
        row = {"app": app, "event_id": event_id, "received_at": at}
        return self._write(lambda connection: insert_once(connection, WEBHOOK_IN, row))

    def call_led_to(self, app: str, event_id: str, release_id: int) -> None:
        """Record which release a call led to."""
        mine = update(WEBHOOK_IN).where(WEBHOOK_IN.c.app == app, WEBHOOK_IN.c.event_id == event_id)
        self._write(lambda connection: _do(connection, mine.values(release_id=release_id)))

    def call_refused(self, app: str, event_id: str) -> None:
        """Forget a call that was not carried out: it may be made again with the same id."""
        mine = delete(WEBHOOK_IN).where(
            WEBHOOK_IN.c.app == app,
            WEBHOOK_IN.c.event_id == event_id,
            WEBHOOK_IN.c.release_id.is_(None),
        )
        self._write(lambda connection: _do(connection, mine))

    def call_before(self, app: str, event_id: str) -> int | None:
        """Return the release that an earlier call with this id led to."""
        query = select(WEBHOOK_IN.c.release_id).filter_by(app=app, event_id=event_id)
        return self._read(lambda connection: connection.execute(query).scalar_one_or_none())

    def calls_since(self, app: str, at: datetime, seconds: float) -> int:
        """Return how many calls of an app were taken in the last `seconds`."""
        since = at - timedelta(seconds=seconds)
        query = select(func.count()).where(
            WEBHOOK_IN.c.app == app, WEBHOOK_IN.c.received_at > since
        )
        return self._read(lambda connection: connection.execute(query).scalar_one())


def _do(connection: Connection, statement: Update | Delete) -> None:
    connection.execute(statement)
