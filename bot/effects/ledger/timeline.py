"""Who was called to a release, and what people noted of it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, literal, select, union

from bot.effects.ledger.connect import LostRaceError, insert_once
from bot.effects.ledger.hook_tables import EVIDENCE
from bot.effects.ledger.note_tables import NOTE
from bot.effects.ledger.waiting_tables import NOTICE
from bot.effects.ledger.work_tables import AUDIT, MESSAGE, OUTBOX
from bot.release.calling import PREFIX
from bot.release.evidencing import Evidence
from bot.release.records import Called, Change, Note

MOVES = ("start", "approve", "skip", "hand over")


def find_calls(connection: Connection, release_id: int) -> tuple[Called, ...]:
    """Return who was called to act on a release, oldest first."""
    query = (
        select(NOTICE.c.key, NOTICE.c.recipient.label("to"), NOTICE.c.at)
        .where(NOTICE.c.about == release_id, NOTICE.c.key.startswith(PREFIX))
        .order_by(NOTICE.c.at, NOTICE.c.key)
    )
    return tuple(Called(**row) for row in connection.execute(query).mappings())


def find_notes(connection: Connection, release_id: int) -> tuple[Note, ...]:
    """Return what people added to the timeline of a release, by the time it was said."""
    query = select(NOTE).where(NOTE.c.release_id == release_id).order_by(NOTE.c.said_at, NOTE.c.key)
    return tuple(Note(**row) for row in connection.execute(query).mappings())


def last_mover(connection: Connection, release_id: int) -> str | None:
    """Return who last started, approved, skipped or handed over something of a release."""
    query = (
        select(AUDIT.c.actor)
        .where(AUDIT.c.release_id == release_id, AUDIT.c.act.in_(MOVES))
        .order_by(AUDIT.c.seq.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def keep_notes(connection: Connection, change: Change) -> None:
    """Write what is added to a timeline; raise LostRaceError for a message that is in it already."""
    for note in change.notes:
        if not insert_once(connection, NOTE, asdict(note)):
            raise LostRaceError("this message is in the timeline already")
    for report in change.evidence:
        if not insert_once(connection, EVIDENCE, asdict(report)):
            raise LostRaceError("exactly this was reported before")


def find_evidence(connection: Connection, release_id: int) -> tuple[Evidence, ...]:
    """Return what was reported of a release's steps from outside, oldest first."""
    query = select(EVIDENCE).where(EVIDENCE.c.release_id == release_id)
    ordered = query.order_by(EVIDENCE.c.at, EVIDENCE.c.key)
    return tuple(Evidence(**row) for row in connection.execute(ordered).mappings())


def calls_to_redraw(connection: Connection, change: Change) -> tuple[str, ...]:
    """Return the messages that called people to a release whose root card is drawn again.

    One that is on its way is among them: it was drawn before this change, and may stand in Slack only after it.
    """
    if f"root:{change.release_id}" not in change.cards:
        return ()
    about = (NOTICE.c.about == change.release_id, NOTICE.c.key.startswith(PREFIX))
    cards = connection.execute(select(literal("notice:").concat(NOTICE.c.key)).where(*about))
    names = cards.scalars().all()
    stand = select(MESSAGE.c.card).where(MESSAGE.c.card.in_(names))
    underway = select(OUTBOX.c.card).where(OUTBOX.c.card.in_(names), OUTBOX.c.dead_at.is_(None))
    return tuple(connection.execute(union(stand, underway)).scalars())
