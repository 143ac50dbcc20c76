"""Which requests were heard lately, by all processes together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Table, delete

from bot.effects.ledger.columns import METADATA, UtcTime, needed
from bot.effects.ledger.connect import Transactions, insert_once

HEARD = Table(
    "heard",
    METADATA,
    needed("key", String, "Which request? A hash of its time and signature.", primary_key=True),
    needed("at", UtcTime, "When was it heard? After ten minutes it is forgotten.", index=True),
    comment="Signed requests of the last minutes: none is heard twice.",
)


class HeardLedger(Transactions):
    """What the door needs against requests that are sent again."""

    def first_heard(self, key: str, at: datetime) -> bool:
        """Record that a request was heard; False where it was heard before, by whichever process."""
        row = {"key": key, "at": at}
        return self._write(lambda connection: insert_once(connection, HEARD, row))

    def forget_heard(self, before: datetime) -> int:
        """Forget what was heard before that time; return how many requests that were."""
        gone = delete(HEARD).where(HEARD.c.at < before)
        return self._write(lambda connection: connection.execute(gone).rowcount)
