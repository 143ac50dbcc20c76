"""Which charts were uploaded as pictures, so that a card that is drawn again does not upload them again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.effects.ledger.connect import insert
from bot.effects.ledger.work_tables import MESSAGE


def note_picture(connection: Connection, card: str, digest: str, at: datetime) -> bool:
    """Note the digest of a card's charts beside its message; return whether it is a new one."""
    row = connection.execute(select(MESSAGE).where(MESSAGE.c.card == card)).one_or_none()
    name = f"picture:{card}"
    known = connection.execute(select(MESSAGE.c.digest).where(MESSAGE.c.card == name)).scalar()
    if row is None or known == digest:
        return False
    values = {"channel": row.channel, "ts": row.ts, "digest": digest, "sent_at": at}
    connection.execute(
        insert(connection, MESSAGE)
        .values(card=name, release_id=None, **values)
        .on_conflict_do_update(index_elements=["card"], set_=values)
    )
    return True
