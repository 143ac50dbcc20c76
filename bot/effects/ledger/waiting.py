"""Who waits for a scope, and what people were told, in the ledger."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from bot.effects.ledger.canonical import canonical
from bot.effects.ledger.connect import LostRaceError, Transactions, insert_once
from bot.effects.ledger.rows import lock_value
from bot.effects.ledger.tables import APP_LOCK
from bot.effects.ledger.waiting_tables import NOTICE, WAITING
from bot.release.notices import Attached, Notice
from bot.release.offers import Offer
from bot.release.queueing import Wait, WaitEnd, WaitMove, Wants
from bot.release.records import Change, Lock


class WaitLedger(Transactions):
    """What can be asked about those who wait, and about what is to be told."""

    def waits(self) -> tuple[Wait, ...]:
        """Return everybody who waits, first come first."""
        return self._read(open_waits)

    def notice(self, key: str) -> Notice | None:
        """Return one message to a person or a thread."""
        query = select(NOTICE).where(NOTICE.c.key == key)
        row = self._read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else _notice(row)

    def locks_due(self, at: datetime) -> tuple[Lock, ...]:
        """Return the locks whose time is over, or whose holder is to be reminded."""
        due = (APP_LOCK.c.until <= at) | (APP_LOCK.c.remind_at <= at)
        query = select(APP_LOCK).where(due).order_by(APP_LOCK.c.app, APP_LOCK.c.environment)
        return self._read(
            lambda connection: tuple(map(lock_value, connection.execute(query).mappings()))
        )


def open_waits(connection: Connection) -> tuple[Wait, ...]:
    """Return everybody whose waiting has not ended, first come first."""
    return _waits(connection, WAITING.c.ended_at.is_(None))


def waits_behind(connection: Connection, release_id: int) -> tuple[Wait, ...]:
    """Return who waits for the end of one release, first come first."""
    return _waits(connection, WAITING.c.ended_at.is_(None), WAITING.c.behind == release_id)


def _waits(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Wait, ...]:
    query = select(WAITING).where(*conditions).order_by(WAITING.c.id)
    return tuple(_wait(row) for row in connection.execute(query).mappings())


def _wait(row: RowMapping) -> Wait:
    kept = {name: value for name, value in row.items() if name != "ended_at"}
    listed = {name: tuple(kept[name]) for name in ("routes", "patterns")}
    return Wait(**{**kept, **listed, "wants": Wants(row["wants"])})


def keep_waits(connection: Connection, change: Change) -> None:
    """Write who begins to wait and what becomes of others; raise LostRaceError where that has happened."""
    for wait in change.waits:
        _begin(connection, wait)
    for move in change.wait_moves:
        _move(connection, move, change.at)


def _begin(connection: Connection, wait: Wait) -> None:
    mine = (WAITING.c.who == wait.who, WAITING.c.wants == wait.wants.value)
    for row in _waits(connection, WAITING.c.ended_at.is_(None), *mine):
        if (row.app, row.environment, row.routes) == (wait.app, wait.environment, wait.routes):
            raise LostRaceError(f"you wait for this since {row.asked_at:%H:%M} UTC already")
    connection.execute(
        WAITING.insert().values(
            app=wait.app,
            environment=wait.environment,
            routes=list(wait.routes),
            place=wait.place,
            patterns=list(wait.patterns),
            who=wait.who,
            wants=wait.wants.value,
            behind=wait.behind,
            asked_at=wait.asked_at,
        )
    )


def _move(connection: Connection, move: WaitMove, at: datetime) -> None:
    query = update(WAITING).where(WAITING.c.id == move.id, WAITING.c.ended_at.is_(None))
    match move.to:
        case WaitEnd.TOLD:
            query = query.where(WAITING.c.told_at.is_(None)).values(told_at=at)
        case WaitEnd.AGAIN:
            query = query.where(WAITING.c.told_at.is_not(None)).values(told_at=None)
        case WaitEnd.ENDED:
            query = query.values(ended_at=at)
    if connection.execute(query).rowcount != 1:
        told = move.to is WaitEnd.TOLD
        raise LostRaceError("that person was told before" if told else "the waiting has ended")


def keep_notices(connection: Connection, change: Change) -> tuple[str, ...]:
    """Write what is to be told and return its messages' names; what was told before is left out."""
    return tuple(
        f"notice:{row.key}" for row in change.notices if insert_once(connection, NOTICE, _row(row))
    )


def _row(notice: Notice) -> dict[str, object]:
    body = {
        "text": notice.text,
        "lines": list(notice.lines),
        "offers": [{**vars(offer), "fields": dict(offer.fields)} for offer in notice.offers],
        "files": [vars(file) for file in notice.files],
    }
    return {
        "key": notice.key,
        "recipient": notice.to,
        "about": notice.about,
        "body": canonical(body),
        "at": notice.at,
    }


def _notice(row: RowMapping) -> Notice:
    body = json.loads(row["body"])
    return Notice(
        key=row["key"],
        to=row["recipient"],
        about=row["about"],
        at=row["at"],
        text=body["text"],
        lines=tuple(body["lines"]),
        offers=tuple(Offer(**offer) for offer in body["offers"]),
        files=tuple(Attached(**file) for file in body["files"]),
    )
