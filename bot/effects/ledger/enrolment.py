"""People's second factors, in the ledger."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, Integer, String, Table, Text, select, update

from bot.effects.ledger.columns import METADATA, UtcTime, maybe, needed
from bot.effects.ledger.connect import LostRaceError, Transactions, insert_once
from bot.release.step_up import Enrolment

ENROLMENT = Table(
    "enrolment",
    METADATA,
    needed("person", String, "Whose second factor?", primary_key=True),
    needed("sealed", Text, "What is its secret? Encrypted, base64."),
    needed("version", Integer, "How often was this row written?"),
    maybe("enrolled_at", UtcTime, "Since when does it count? Empty: not yet."),
    maybe("proved_at", UtcTime, "When was a code of it proved last?"),
    needed("counter", Integer, "Which 30 s step had the last code that was taken?"),
    needed("wrong", Integer, "How many codes were wrong since the one that was right?"),
    maybe("wrong_since", UtcTime, "Since when are they counted?"),
    comment="What a person proves with before a purge in production, where that is asked for.",
)


class EnrolmentLedger(Transactions):
    """What can be asked about second factors."""

    def enrolment(self, person: str) -> Enrolment | None:
        """Return a person's second factor, None where there is none."""
        query = select(ENROLMENT).where(ENROLMENT.c.person == person)
        row = self._read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else Enrolment(**row)


def keep_enrolment(connection: Connection, row: Enrolment | None) -> None:
    """Write it, where there is one; raise LostRaceError where it was written since it was read.

    So one code is taken once, however many processes it is given to at the same moment.
    """
    if row is None:
        return
    fields = asdict(row) | {"version": row.version + 1}
    if row.version == 0:
        written = insert_once(connection, ENROLMENT, fields)
    else:
        same = (ENROLMENT.c.person == row.person, ENROLMENT.c.version == row.version)
        written = connection.execute(update(ENROLMENT).where(*same).values(fields)).rowcount == 1
    if not written:
        raise LostRaceError("another code of yours was tried at the same moment")
