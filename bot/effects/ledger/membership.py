"""The last good copy of each user group and schedule, in the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, or_, select

from bot.effects.ledger.connect import Transactions, insert
from bot.effects.ledger.membership_table import MEMBERSHIP
from bot.release.membership import Membership


class MembershipLedger(Transactions):
    """Who was in a group when it was asked last; all processes share it, and it survives their restarts."""

    def membership(self, name: str) -> Membership | None:
        """Return the copy; None where there never was one."""
        query = select(MEMBERSHIP).where(MEMBERSHIP.c.name == name, MEMBERSHIP.c.at.is_not(None))
        row = self._read(lambda connection: connection.execute(query).mappings().one_or_none())
        return None if row is None else Membership(**{**row, "people": frozenset(row["people"])})

    def keep_membership(self, found: Membership) -> None:
        """Keep it, unless a newer one is there."""
        row = {
            "name": found.name,
            "people": sorted(found.people),
            "strangers": found.strangers,
            "at": found.at,
        }
        self._write(lambda connection: _keep(connection, MEMBERSHIP, row))

    def doubt_membership(self, name: str, at: datetime) -> None:
        """Note that it has changed: the copy is not fresh any more."""
        self._write(lambda connection: _doubt(connection, name, at))


def _keep(connection: Connection, table: Table, row: dict[str, object]) -> None:
    asked = insert(connection, table).values(**row)
    older = or_(table.c.at.is_(None), table.c.at < asked.excluded.at)
    connection.execute(
        asked.on_conflict_do_update(
            index_elements=["name"],
            set_={name: asked.excluded[name] for name in ("people", "strangers", "at")},
            where=older,
        )
    )


def _doubt(connection: Connection, name: str, at: datetime) -> None:
    asked = insert(connection, MEMBERSHIP).values(name=name, people=[], strangers=0, doubted_at=at)
    connection.execute(
        asked.on_conflict_do_update(
            index_elements=["name"], set_={"doubted_at": asked.excluded.doubted_at}
        )
    )
