"""How a change asks for messages to be drawn again: one wish a message, the newest wins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, null, select

from bot.effects.ledger.connect import insert
from bot.effects.ledger.due import place_of
from bot.effects.ledger.work_tables import MESSAGE, OUTBOX

REDRAW_S = 3


def put_cards(connection: Connection, cards: Iterable[str], at: datetime) -> None:
    """Ask for messages to be drawn at once, also those that were given up before."""
    rows = [_wish(card, at, None, hurry=True) for card in sorted(set(cards))]
    _put(connection, rows, revive=True)


def pace_cards(connection: Connection, cards: Iterable[str], at: datetime) -> None:
    """Ask for messages to be drawn, each at most every `REDRAW_S` seconds."""
    names = sorted(set(cards))
    drawn = _last_drawn(connection, names, at)
    rows = []
    for card in names:
        last = drawn.get(card)
        free = None if last is None else last + timedelta(seconds=REDRAW_S)
        rows.append(_wish(card, at, free, hurry=False))
    _put(connection, rows, revive=False)


def _last_drawn(connection: Connection, cards: list[str], at: datetime) -> dict[str, datetime]:
    """Return when each card was drawn last; one that is being drawn right now counts as drawn now."""
    sent = select(MESSAGE.c.card, MESSAGE.c.sent_at).where(MESSAGE.c.card.in_(cards))
    drawn: dict[str, datetime] = {row.card: row.sent_at for row in connection.execute(sent)}
    taken = select(OUTBOX.c.card).where(OUTBOX.c.card.in_(cards), OUTBOX.c.claimed_until > at)
    return drawn | dict.fromkeys(connection.execute(taken).scalars(), at)


def _wish(card: str, at: datetime, not_before: datetime | None, *, hurry: bool) -> dict[str, Any]:
    place = place_of(card)
    return {
        "card": card,
        "release_id": place.release_id,
        "position": place.position,
        "generation": 1,
        "asked_at": at,
        "not_before": not_before or at,
        "attempts": 0,
        "hurry": hurry,
    }


def _put(connection: Connection, rows: list[dict[str, Any]], *, revive: bool) -> None:
    if not rows:
        return
    wish = insert(connection, OUTBOX).values(rows)
    sooner = case(
        (OUTBOX.c.not_before.is_(None), wish.excluded.not_before),
        (wish.excluded.not_before < OUTBOX.c.not_before, wish.excluded.not_before),
        else_=OUTBOX.c.not_before,
    )
    changed: dict[str, Any] = {"generation": OUTBOX.c.generation + 1, "not_before": sooner}
    if revive:
        changed["hurry"] = True
        given_up = OUTBOX.c.dead_at.is_not(None)
        changed["retry_at"] = case((given_up, null()), else_=OUTBOX.c.retry_at)
        changed["attempts"] = case((given_up, 0), else_=OUTBOX.c.attempts)
        changed["dead_at"] = null()
    connection.execute(wish.on_conflict_do_update(index_elements=["card"], set_=changed))
