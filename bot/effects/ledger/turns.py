"""Whose turn it is to call out: what was called lately and until when we were told to wait, for all processes."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from bot.effects.ledger.connect import Transactions, insert, insert_once
from bot.effects.ledger.work_tables import OUTBOX, WAY_OUT
from bot.release.budget import Budget, Turn, in_window, wait_until


class TurnLedger(Transactions):
    """The pace of all senders together."""

    def take_turn(
        self, due_id: int, way: str, budget: Budget, at: datetime, *, hurry: bool, posts: bool
    ) -> Turn:
        """Count one call on that way out, where it may go now and the message is still ours.

        With `posts` it is noted first that a new message may stand from now on, whatever we hear of it.
        """
        return self._write(
            lambda connection: _take(connection, due_id, way, budget, at, hurry=hurry, posts=posts)
        )

    def wait_on(self, way: str, until: datetime) -> None:
        """Keep everybody off that way out until then: it was asked for."""
        self._write(lambda connection: _shut(connection, way, until))


def _take(
    connection: Connection,
    due_id: int,
    way: str,
    budget: Budget,
    at: datetime,
    *,
    hurry: bool,
    posts: bool,
) -> Turn:
    mine = select(OUTBOX.c.unsure_since).where(OUTBOX.c.claim == due_id).with_for_update()
    message = connection.execute(mine).one_or_none()
    if message is None:
        return Turn(mine=False)
    insert_once(connection, WAY_OUT, {"name": way, "recent": []})
    row = connection.execute(select(WAY_OUT).where(WAY_OUT.c.name == way).with_for_update()).one()
    if row.shut_until is not None and row.shut_until > at:
        return Turn(wait_until=row.shut_until)
    recent = [datetime.fromtimestamp(moment, UTC) for moment in row.recent]
    until = wait_until(recent, budget, at, hurry=hurry)
    if until is not None:
        return Turn(wait_until=until)
    counted = [moment.timestamp() for moment in (*in_window(recent, budget, at), at)]
    connection.execute(
        update(WAY_OUT).where(WAY_OUT.c.name == way).values(recent=counted, shut_until=None)
    )
    if posts and message.unsure_since is None:
        unsure = update(OUTBOX).where(OUTBOX.c.claim == due_id).values(unsure_since=at)
        connection.execute(unsure)
    return Turn()


def _shut(connection: Connection, way: str, until: datetime) -> None:
    row = insert(connection, WAY_OUT).values(name=way, recent=[], shut_until=until)
    shut = row.on_conflict_do_update(index_elements=["name"], set_={"shut_until": until})
    connection.execute(shut)
