"""Messages whose fate was unclear, or that were given up: found again in Slack, or tried once more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, null, or_, select, update

from bot.effects.ledger.connect import Transactions, insert
from bot.effects.ledger.due import place_of
from bot.effects.ledger.work_tables import MESSAGE, OUTBOX
from bot.release.undelivered import DeadCard

FREE = {
    "claim": null(),
    "claimed_by": null(),
    "claimed_until": null(),
    "claimed_generation": null(),
}
CERTAIN = {"retry_at": null(), "error": null(), "attempts": 0, "unsure_since": null()}
OUT_OF_DATE = ""


class UnsureLedger(Transactions):
    """What happened to messages of which Slack said nothing, or no."""

    def post_refused(self, due_id: int) -> None:
        """Note that a new message surely does not stand: it was refused."""
        surely_not = update(OUTBOX).where(OUTBOX.c.claim == due_id).values(unsure_since=null())
        self._write(lambda connection: connection.execute(surely_not))

    def card_found(self, due_id: int, card: str, channel: str, ts: str, at: datetime) -> None:
        """Record where a message stands that was posted unheard of; it stays due, to show the newest."""
        self._write(lambda connection: _found(connection, due_id, card, channel, ts, at))

    def senders(self, at: datetime) -> tuple[str, ...]:
        """Return who has messages in hand."""
        query = select(OUTBOX.c.claimed_by).where(OUTBOX.c.claimed_until > at).distinct()
        return tuple(
            sorted(self._read(lambda connection: connection.execute(query).scalars().all()))
        )

    def free_sender(self, name: str) -> None:
        """Give back what a sender has in hand that is dead; what it began to post is looked for first."""
        given_back = update(OUTBOX).where(OUTBOX.c.claimed_by == name).values(FREE)
        self._write(lambda connection: connection.execute(given_back))

    def dead_cards(self) -> tuple[DeadCard, ...]:
        """Return the messages that were given up, oldest first."""
        query = select(OUTBOX).where(OUTBOX.c.dead_at.is_not(None)).order_by(OUTBOX.c.dead_at)
        rows = self._read(lambda connection: connection.execute(query).mappings().all())
        return tuple(
            DeadCard(
                card=row["card"],
                error=row["error"],
                at=row["dead_at"],
                release_id=row["release_id"],
            )
            for row in rows
        )

    def retry_dead(self, errors: tuple[str, ...], *, since: datetime, before: datetime) -> int:
        """Try those again that were asked for since then and given up with such an error; return how many."""
        wanted = or_(*(OUTBOX.c.error.startswith(error, autoescape=True) for error in errors))
        again = (
            update(OUTBOX)
            .where(OUTBOX.c.dead_at <= before, OUTBOX.c.asked_at >= since, wanted)
            .values(dead_at=null(), retry_at=null(), attempts=0)
        )
        return self._write(lambda connection: connection.execute(again).rowcount)


def _found(
    connection: Connection, due_id: int, card: str, channel: str, ts: str, at: datetime
) -> None:
    mine = select(OUTBOX.c.card).where(OUTBOX.c.claim == due_id).with_for_update()
    if connection.execute(mine).first() is None:
        return
    free = {**FREE, **CERTAIN}
    connection.execute(update(OUTBOX).where(OUTBOX.c.claim == due_id).values(**free))
    place = {"card": card, "release_id": place_of(card).release_id}
    stands = {"channel": channel, "ts": ts, "digest": OUT_OF_DATE, "sent_at": at}
    row = insert(connection, MESSAGE).values(**place, **stands)
    connection.execute(row.on_conflict_do_update(index_elements=["card"], set_=stands))
