"""Webhooks in the ledger: written with the move they tell of, taken by one sender at a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, null, or_, select, text, update

from bot.effects.ledger.canonical import canonical
from bot.effects.ledger.cards import put_cards
from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.hook_tables import WEBHOOK_OUT
from bot.effects.ledger.story import find_release
from bot.effects.ledger.tables import STEP
from bot.effects.ledger.waiting import keep_notices
from bot.release.notices import Notice
from bot.release.records import Change
from bot.release.telling_others import DueWebhook, Happened

SENDERS_QUEUE = 7004
FREE: Mapping[str, Any] = {"claim": null(), "claimed_until": null()}

Wanted = Mapping[str, Sequence[frozenset[str]]]
"""By app: the events that each of its webhooks is told, in the catalog's order."""


def tell_others(
    connection: Connection, events: Iterable[Happened], wanted: Wanted, *, by: str, at: datetime
) -> None:
    """Write what is to be sent, in the transaction of the move that it tells of."""
    if not wanted:
        return
    for happened in events:
        release = find_release(connection, happened.release_id)
        if release is None or release.app not in wanted:
            continue
        for hook, events_wanted in enumerate(wanted[release.app]):
            if happened.event.value not in events_wanted:
                continue
            event_id = f"evt_{secrets.token_hex(12)}"
            body = {
                "id": event_id,
                "event": happened.event.value,
                "at": at.isoformat(),
                "by": by,
                "app": release.app,
                "environment": release.environment,
                "release": release.name,
                "title": release.title,
                "routes": list(release.routes),
                "state": release.state.value,
                "step": _step(connection, happened),
            }
            row = {"event_id": event_id, "release_id": release.id, "app": release.app, "hook": hook}
            values = {**row, "body": canonical(body), "asked_at": at, "attempts": 0}
            connection.execute(WEBHOOK_OUT.insert().values(values))


def _step(connection: Connection, happened: Happened) -> dict[str, Any] | None:
    if happened.step is None:
        return None
    query = select(STEP).filter_by(release_id=happened.release_id, number=happened.step)
    row = connection.execute(query).mappings().one()
    return {name: row[name] for name in ("number", "kind", "title", "state")}


class WebhookLedger(Transactions):
    """What the senders of webhooks need."""

    def due_webhooks(self, at: datetime, limit: int, claim_s: float) -> tuple[DueWebhook, ...]:
        """Take what may be sent now; for `claim_s` seconds no other sender gets it.

        Of one release, one webhook gets its events in their order: the next waits until the one before is
        taken or given up.
        """
        if not self._read(_any):
            return ()
        until = at + timedelta(seconds=claim_s)
        return self._write(lambda connection: _claim(connection, at, limit, until))

    def webhook_sent(self, claim: int, at: datetime) -> None:
        """Record that it was taken; nothing where another sender has taken it over."""
        sent = {"sent_at": at, "attempts": WEBHOOK_OUT.c.attempts + 1, "error": null()}
        self._write(lambda connection: _end(connection, claim, sent))

    def webhook_later(self, claim: int, retry_at: datetime, error: str) -> None:
        """Record a failed try; the next one is not before `retry_at`."""
        later = {"retry_at": retry_at, "error": error, "attempts": WEBHOOK_OUT.c.attempts + 1}
        self._write(lambda connection: _end(connection, claim, later))

    def webhook_dead(self, claim: int, error: str, at: datetime, notice: Notice) -> None:
        """Give it up, and tell a person, in one transaction."""

        def write(connection: Connection) -> None:
            dead = {"dead_at": at, "error": error, "attempts": WEBHOOK_OUT.c.attempts + 1}
            if _end(connection, claim, dead):
                change = Change(
                    act="webhook given up", by="cache-release", at=at, notices=(notice,)
                )
                put_cards(connection, keep_notices(connection, change), at)

        self._write(write)


def _any(connection: Connection) -> bool:
    open_ones = WEBHOOK_OUT.c.sent_at.is_(None) & WEBHOOK_OUT.c.dead_at.is_(None)
    return (
        connection.execute(select(WEBHOOK_OUT.c.id).where(open_ones).limit(1)).first() is not None
    )


def _claim(
    connection: Connection, at: datetime, limit: int, until: datetime
) -> tuple[DueWebhook, ...]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:queue)"), {"queue": SENDERS_QUEUE})
    first = (
        select(func.min(WEBHOOK_OUT.c.id))
        .where(WEBHOOK_OUT.c.sent_at.is_(None), WEBHOOK_OUT.c.dead_at.is_(None))
        .group_by(WEBHOOK_OUT.c.release_id, WEBHOOK_OUT.c.hook)
    )
    free = or_(WEBHOOK_OUT.c.claimed_until.is_(None), WEBHOOK_OUT.c.claimed_until <= at)
    due = or_(WEBHOOK_OUT.c.retry_at.is_(None), WEBHOOK_OUT.c.retry_at <= at)
    query = (
        select(WEBHOOK_OUT)
        .where(WEBHOOK_OUT.c.id.in_(first), free, due)
        .order_by(WEBHOOK_OUT.c.id)
        .limit(limit)
    )
    taken = []
    for row in connection.execute(query).mappings().all():
        claim = secrets.randbits(62)
        mine = update(WEBHOOK_OUT).where(WEBHOOK_OUT.c.id == row["id"])
        connection.execute(mine.values(claim=claim, claimed_until=until))
        names = ("event_id", "release_id", "app", "hook", "body", "attempts", "asked_at")
        taken.append(DueWebhook(claim=claim, **{name: row[name] for name in names}))
    return tuple(taken)


def _end(connection: Connection, claim: int, outcome: Mapping[str, Any]) -> bool:
    ended = update(WEBHOOK_OUT).where(WEBHOOK_OUT.c.claim == claim).values({**FREE, **outcome})
    return connection.execute(ended).rowcount == 1
