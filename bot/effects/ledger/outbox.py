"""The outbox: which messages are to be drawn again, who is drawing them, and where they stand."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, case, delete, null, or_, select, text, update

from bot.effects.ledger.cards import put_cards
from bot.effects.ledger.connect import Transactions, insert
from bot.effects.ledger.due import ROOT, Waiting, choose_due, place_of
from bot.effects.ledger.pictures import note_picture
from bot.effects.ledger.unsure import CERTAIN, FREE
from bot.effects.ledger.work_tables import MESSAGE, OUTBOX
from bot.release.records import DueCard

REDRAW_S = 3
SENDERS_QUEUE = 7003


class OutboxLedger(Transactions):
    """What the delivery to Slack needs."""

    def due_cards(
        self, at: datetime, limit: int, claimed_by: str, claim_s: float
    ) -> tuple[DueCard, ...]:
        """Take messages that may be sent now; for `claim_s` seconds nobody else gets them.

        A release's root comes first, then its steps in order, and none of them before the root is posted.
        """
        if not self._read(lambda connection: _any_waiting(connection, at)):
            return ()
        until = at + timedelta(seconds=claim_s)
        return self._write(lambda connection: _claim(connection, at, limit, claimed_by, until))

    def card_sent(
        self, due_id: int, card: str, channel: str, ts: str, digest: str, at: datetime
    ) -> None:
        """Record where the message stands; it stays due where it was asked for again meanwhile.

        Nothing is recorded where another sender has taken the message over.
        """
        self._write(lambda connection: _sent(connection, due_id, card, channel, ts, digest, at))

    def card_later(self, due_id: int, not_before: datetime, error: str) -> None:
        """Record a failed sending; it is tried again from `not_before` on."""
        later = {"retry_at": not_before, "error": error, "attempts": OUTBOX.c.attempts + 1}
        self._write(lambda connection: _release(connection, due_id, later))

    def card_held(self, due_id: int, until: datetime) -> None:
        """Give a message back that could not be sent yet; a wish that came meanwhile does not wait."""
        unchanged = OUTBOX.c.generation == OUTBOX.c.claimed_generation
        held = {"not_before": case((unchanged, until), else_=OUTBOX.c.not_before)}
        self._write(lambda connection: _release(connection, due_id, held))

    def card_dead(self, due_id: int, error: str, at: datetime) -> None:
        """Give a message up; the next change of what it shows tries once more."""
        given_up = {"dead_at": at, "error": error, "attempts": OUTBOX.c.attempts + 1}
        self._write(lambda connection: _release(connection, due_id, given_up))

    def message(self, card: str) -> tuple[str, str] | None:
        """Return the channel and timestamp of a message that stands in Slack."""
        query = select(MESSAGE.c.channel, MESSAGE.c.ts).where(MESSAGE.c.card == card)
        row = self._read(lambda connection: connection.execute(query).one_or_none())
        return None if row is None else (row.channel, row.ts)

    def card_at(self, channel: str, ts: str) -> str | None:
        """Return which message stands there, None where it is none of ours."""
        query = select(MESSAGE.c.card).where(MESSAGE.c.channel == channel, MESSAGE.c.ts == ts)
        return self._read(lambda connection: connection.execute(query).scalars().first())

    def picture_noted(self, card: str, digest: str, at: datetime) -> bool:
        """Note that a card's charts are uploaded as pictures; False where exactly these were noted before."""
        return self._write(lambda connection: note_picture(connection, card, digest, at))

    def forget_message(self, card: str) -> None:
        """Forget a message that is gone from Slack, and post it anew; with a root its whole thread."""
        self._write(lambda connection: _forget(connection, card))

    def take_back(self, due_id: int, card: str) -> None:
        """Forget a message that is no longer wanted; it is not posted anew."""
        self._write(lambda connection: _take_back(connection, due_id, card))


def _any_waiting(connection: Connection, at: datetime) -> bool:
    free = or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until <= at)
    query = select(OUTBOX.c.card).where(OUTBOX.c.dead_at.is_(None), free).limit(1)
    return connection.execute(query).first() is not None


def _claim(
    connection: Connection, at: datetime, limit: int, claimed_by: str, until: datetime
) -> tuple[DueCard, ...]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:queue)"), {"queue": SENDERS_QUEUE})
    query = select(OUTBOX, MESSAGE.c.channel, MESSAGE.c.ts, MESSAGE.c.digest).outerjoin(
        MESSAGE, MESSAGE.c.card == OUTBOX.c.card
    )
    rows = {row["card"]: row for row in connection.execute(query).mappings()}
    threads = {row["release_id"] for row in rows.values()} - {None}
    roots = select(MESSAGE.c.release_id).where(
        MESSAGE.c.card.startswith("root:"), MESSAGE.c.release_id.in_(threads)
    )
    rooted = frozenset(connection.execute(roots).scalars())
    chosen = choose_due((_waiting(row) for row in rows.values()), rooted, at, limit)
    return tuple(_take(connection, rows[card], claimed_by, until) for card in chosen)


def _waiting(row: RowMapping) -> Waiting:
    held = [row[name] for name in ("not_before", "retry_at", "claimed_until")]
    return Waiting(
        card=row["card"],
        release_id=row["release_id"],
        position=row["position"],
        asked_at=row["asked_at"],
        free_at=max((moment for moment in held if moment is not None), default=None),
        dead=row["dead_at"] is not None,
        posted=row["ts"] is not None,
        hurry=row["hurry"],
    )


def _take(connection: Connection, row: RowMapping, claimed_by: str, until: datetime) -> DueCard:
    claim = secrets.randbits(62)
    connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.card == row["card"])
        .values(
            claim=claim,
            claimed_by=claimed_by,
            claimed_until=until,
            claimed_generation=OUTBOX.c.generation,
            not_before=null(),
        )
    )
    return DueCard(
        id=claim,
        card=row["card"],
        attempts=row["attempts"],
        channel=row["channel"],
        ts=row["ts"],
        digest=row["digest"],
        hurry=row["hurry"],
        unsure_since=row["unsure_since"],
    )


def _sent(
    connection: Connection, due_id: int, card: str, channel: str, ts: str, digest: str, at: datetime
) -> None:
    mine = select(OUTBOX.c.card).where(OUTBOX.c.claim == due_id).with_for_update()
    if connection.execute(mine).first() is None:
        return  # another sender took over, or the thread was forgotten: that one's message counts
    newest = OUTBOX.c.generation == OUTBOX.c.claimed_generation
    connection.execute(delete(OUTBOX).where(OUTBOX.c.claim == due_id, newest))
    _release(connection, due_id, CERTAIN)
    place = {"card": card, "release_id": place_of(card).release_id}
    stands = {"channel": channel, "ts": ts, "digest": digest, "sent_at": at}
    connection.execute(
        insert(connection, MESSAGE)
        .values(**place, **stands)
        .on_conflict_do_update(index_elements=["card"], set_=stands)
    )


def _release(connection: Connection, due_id: int, outcome: dict[str, Any]) -> None:
    """End a sending; one whose time ran out and that another sender took over changes nothing."""
    connection.execute(update(OUTBOX).where(OUTBOX.c.claim == due_id).values(**FREE, **outcome))


def _take_back(connection: Connection, due_id: int, card: str) -> None:
    connection.execute(delete(OUTBOX).where(OUTBOX.c.claim == due_id))
    connection.execute(delete(MESSAGE).where(MESSAGE.c.card == card))


def _forget(connection: Connection, card: str) -> None:
    place = place_of(card)
    gone = MESSAGE.c.card == card
    if place.release_id is not None and place.position == ROOT:
        gone = MESSAGE.c.release_id == place.release_id
    rows = connection.execute(select(MESSAGE.c.card, MESSAGE.c.sent_at).where(gone)).all()
    connection.execute(delete(MESSAGE).where(gone))
    if not rows:
        return
    cards = [row.card for row in rows]
    put_cards(connection, cards, max(row.sent_at for row in rows))
    others = OUTBOX.c.card.in_(cards) & (OUTBOX.c.card != card)
    # Who is drawing one of the others draws it in the old thread: what it reports no longer counts.
    connection.execute(update(OUTBOX).where(others).values(**FREE))
