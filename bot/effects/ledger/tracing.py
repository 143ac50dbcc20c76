"""Everything the ledger's tables hold of one release, as things that happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, or_, select

from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.tables import RELEASE, SNAPSHOT
from bot.effects.ledger.waiting_tables import NOTICE
from bot.effects.ledger.work_tables import (
    ACTION,
    AUDIT,
    MEASUREMENT,
    MESSAGE,
    OP_STEP,
    OUTBOX,
    TIMER,
)
from bot.release.tracing import Source, Traced

LONGEST = 400


class TraceLedger(Transactions):
    """What happened to a release, from every table that knows a part of it."""

    def traced(self, release_id: int) -> tuple[Traced, ...] | None:
        """Return it in no order, all of one moment; None where there is no such release."""
        return self._read(lambda connection: _traced(connection, release_id))

    def turns_of(self, release_id: int) -> tuple[str, ...]:
        """Return what the engine calls each turn of the release's work."""
        query = select(ACTION.c.key, ACTION.c.resumed).where(ACTION.c.release_id == release_id)
        rows = self._read(lambda connection: connection.execute(query).all())
        return tuple(
            f"{row.key}#{turn}" if turn else row.key
            for row in rows
            for turn in range(row.resumed + 1)
        )


def _traced(connection: Connection, number: int) -> tuple[Traced, ...] | None:
    known = select(RELEASE.c.id).where(RELEASE.c.id == number)
    if connection.execute(known).first() is None:
        return None

    def rows(table: Table, condition: ColumnElement[bool]) -> Iterator[RowMapping]:
        yield from connection.execute(select(table).where(condition)).mappings()

    keys = select(ACTION.c.key).where(ACTION.c.release_id == number)
    cards = select(("notice:" + NOTICE.c.key).label("card")).where(NOTICE.c.about == number)
    found: list[Traced] = []
    for table, read, condition in (
        (AUDIT, _audit, AUDIT.c.release_id == number),
        (ACTION, _action, ACTION.c.release_id == number),
        (OP_STEP, _effect, OP_STEP.c.action_key.in_(keys)),
        (TIMER, _timer, TIMER.c.release_id == number),
        (SNAPSHOT, _snapshot, SNAPSHOT.c.release_id == number),
        (MEASUREMENT, _look, MEASUREMENT.c.release_id == number),
        (OUTBOX, _outbox, or_(OUTBOX.c.release_id == number, OUTBOX.c.card.in_(cards))),
        (MESSAGE, _message, or_(MESSAGE.c.release_id == number, MESSAGE.c.card.in_(cards))),
    ):
        for row in rows(table, condition):
            found += read(row)
    return tuple(found)


def _event(at: datetime | None, source: Source, about: object, what: str) -> list[Traced]:
    if at is None:
        return []
    short = what if len(what) <= LONGEST else f"{what[: LONGEST - 1]}…"
    return [Traced(at=at, source=source, about=str(about), what=short)]


def _audit(row: RowMapping) -> list[Traced]:
    what = f"{row['act']} by {row['actor']} {row['body']}"
    return _event(row["at"], Source.AUDIT, row["seq"], what)


def _action(row: RowMapping) -> list[Traced]:
    def say(at: datetime | None, what: str) -> list[Traced]:
        return _event(at, Source.WORK, row["key"], what)

    told = f"told to {row['control']} by {row['control_by']}"
    return [
        *say(row["asked_at"], f"asked for by {row['asked_by']}"),
        *say(row["started_at"], f"begun; since then started {row['fence']} times"),
        *say(row["control_at"], told),
        *say(row["ended_at"], f"ended {row['state']} {_figures(row['result'])}"),
    ]


def _figures(result: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in result.items())


def _effect(row: RowMapping) -> list[Traced]:
    about = f"{row['action_key']}/{row['name']}"
    ended = f"{row['state']} {row['detail']}"
    return [
        *_event(row["started_at"], Source.EFFECT, about, "started"),
        *_event(row["ended_at"], Source.EFFECT, about, ended),
    ]


def _timer(row: RowMapping) -> list[Traced]:
    due = f"due, {row['kind']} number {row['number']}, now {row['state']}"
    return [
        *_event(row["due_at"], Source.TIMER, row["key"], due),
        *_event(row["fired_at"], Source.TIMER, row["key"], "fired"),
    ]


def _snapshot(row: RowMapping) -> list[Traced]:
    begun = (
        f"begun for {row['purpose']}; now {row['state']}, {row['keys']} keys, {row['bytes']} bytes"
    )
    return [
        *_event(row["created_at"], Source.SNAPSHOT, row["id"], begun),
        *_event(row["expires_at"], Source.SNAPSHOT, row["id"], "kept until then"),
    ]


def _look(row: RowMapping) -> list[Traced]:
    what = f"measured {row['phase']}, route {row['route']}"
    return _event(row["taken_at"], Source.LOOK, row["kind"], what)


def _outbox(row: RowMapping) -> list[Traced]:
    def say(at: datetime | None, what: str) -> list[Traced]:
        return _event(at, Source.OUTBOX, row["card"], what)

    failed = f", {row['attempts']} sendings failed: {row['error']}" if row["attempts"] else ""
    return [
        *say(row["asked_at"], f"waits to be sent{failed}"),
        *say(row["unsure_since"], "unsure: it may stand in Slack since then"),
        *say(row["dead_at"], f"dead: given up, {row['error']}"),
    ]


def _message(row: RowMapping) -> list[Traced]:
    what = f"sent; stands in {row['channel']} at {row['ts']}"
    return _event(row["sent_at"], Source.SLACK, row["card"], what)
