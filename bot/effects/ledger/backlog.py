"""What waits: messages to send and work to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.work_tables import ACTION, OUTBOX
from bot.release.health import Backlog
from bot.release.records import ActionState


class BacklogLedger(Transactions):
    """What can be asked about what is not done yet."""

    def backlog(self, at: datetime) -> Backlog:
        """Return how much waits at that moment, and for how long."""
        return self._read(lambda connection: backlog_at(connection, at))


def backlog_at(connection: Connection, at: datetime) -> Backlog:
    """Return how much waits at that moment."""
    # A message that is held back so as not to redraw too often is not late.
    due = OUTBOX.c.dead_at.is_(None) & (OUTBOX.c.not_before.is_(None) | (OUTBOX.c.not_before <= at))
    messages, oldest = connection.execute(
        select(func.count(), func.min(OUTBOX.c.asked_at)).where(due)
    ).one()
    dead = select(func.count()).where(OUTBOX.c.dead_at.is_not(None)).select_from(OUTBOX)
    waiting = select(func.min(ACTION.c.asked_at)).where(
        ACTION.c.state == ActionState.ACCEPTED.value
    )
    unworked = connection.execute(waiting).scalar()
    return Backlog(
        messages=messages,
        behind_s=_since(oldest, at),
        given_up=connection.execute(dead).scalar_one(),
        unworked_s=_since(unworked, at),
    )


def _since(moment: datetime | None, at: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (at - moment).total_seconds())
