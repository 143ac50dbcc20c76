"""Prunes a beginning of the audit: its entries are read for the export, then a signed stone takes their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select

from bot.effects.ledger.audit import append_audit
from bot.effects.ledger.connect import LostRaceError, Transactions
from bot.effects.ledger.stone_tables import AUDIT_STONE
from bot.effects.ledger.tables import RELEASE, SNAPSHOT
from bot.effects.ledger.work_tables import AUDIT, AUDIT_HEAD
from bot.release.audit_standing import Stone
from bot.release.states import LIVE

AT_ONCE = 5_000


class PruneLedger(Transactions):
    """The beginning of the audit, to be taken away once it is written elsewhere."""

    def prunable(self, *, before: datetime, now: datetime) -> tuple[int, int]:
        """Return the first and the last entry of the beginning that may go; the last is smaller where none may.

        It ends before the first entry from `before` on, and before the first of a release that is live
        or can still be rolled back.
        """
        return self._read(lambda connection: _prunable(connection, before, now))

    def audit_rows(self, first: int, last: int) -> Iterator[dict[str, Any]]:
        """Yield the entries as they are stored, by number; both ends belong to them."""
        while first <= last:
            query = (
                select(AUDIT)
                .where(AUDIT.c.seq.between(first, min(last, first + AT_ONCE - 1)))
                .order_by(AUDIT.c.seq)
            )
            yield from self._read(
                lambda connection, asked=query: tuple(  # type: ignore[misc]
                    dict(row) for row in connection.execute(asked).mappings()
                )
            )
            first += AT_ONCE

    def set_stone(self, stone: Stone) -> None:
        """Put the stone in place of the entries up to its own, and write down who did it; all or nothing.

        Raise LostRaceError where another stone was set meanwhile.
        """
        self._write(lambda connection: _set_stone(connection, stone))


def _prunable(connection: Connection, before: datetime, now: datetime) -> tuple[int, int]:
    stands = connection.execute(select(func.max(AUDIT_STONE.c.seq))).scalar() or 0
    end = connection.execute(select(AUDIT_HEAD.c.seq)).scalar_one()
    needed = select(RELEASE.c.id).where(
        or_(
            RELEASE.c.state.in_(sorted(state.value for state in LIVE)),
            RELEASE.c.id.in_(select(SNAPSHOT.c.release_id).where(SNAPSHOT.c.expires_at > now)),
        )
    )
    kept = or_(AUDIT.c.at >= before, AUDIT.c.release_id.in_(needed))
    first_kept = connection.execute(select(func.min(AUDIT.c.seq)).where(kept)).scalar()
    return stands + 1, (end if first_kept is None else first_kept - 1)


def _set_stone(connection: Connection, stone: Stone) -> None:
    connection.execute(select(AUDIT_HEAD).with_for_update())
    count = connection.execute(
        select(func.count()).select_from(AUDIT).where(AUDIT.c.seq <= stone.seq)
    ).scalar_one()
    if count != stone.entries:
        raise LostRaceError("the beginning of the audit was pruned meanwhile")
    connection.execute(AUDIT_STONE.insert().values(asdict(stone)))
    for upto in (*range(stone.seq - count + AT_ONCE, stone.seq, AT_ONCE), stone.seq):
        connection.execute(delete(AUDIT).where(AUDIT.c.seq <= upto))
    body = {"up_to": stone.seq, "hash": stone.hash, "entries": count, "digest": stone.digest}
    append_audit(
        connection, actor=stone.by, act="prune audit", at=stone.at, release_id=None, body=body
    )
