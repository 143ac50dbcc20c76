"""The audit: every change leaves an entry that holds the hash of the one before."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from bot.effects.ledger.canonical import canonical, entry_hash
from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.work_tables import AUDIT, AUDIT_HEAD
from bot.release.records import AuditEntry, Json


def append_audit(
    connection: Connection,
    *,
    actor: str,
    act: str,
    at: datetime,
    release_id: int | None,
    body: Json,
) -> None:
    """Append one entry in the change's own transaction; the head row makes writers queue up."""
    head = connection.execute(select(AUDIT_HEAD).with_for_update()).mappings().one()
    seq = head["seq"] + 1
    text = canonical(body)
    hashed = entry_hash(
        seq=seq, at=at, actor=actor, act=act, release_id=release_id, body=text, prev=head["hash"]
    )
    connection.execute(
        AUDIT.insert().values(
            seq=seq,
            at=at,
            actor=actor,
            act=act,
            release_id=release_id,
            body=text,
            prev=head["hash"],
            hash=hashed,
        )
    )
    connection.execute(update(AUDIT_HEAD).values(seq=seq, hash=hashed))


class AuditLedger(Transactions):
    """What was done."""

    def audit(self, release_id: int | None = None, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Return what was done, newest first; of one release, or of everything."""
        query = select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
        if release_id is not None:
            query = query.where(AUDIT.c.release_id == release_id)
        return self._read(
            lambda connection: tuple(_entry(row) for row in connection.execute(query).mappings())
        )

    def audit_head(self) -> tuple[int, str]:
        """Return the number and the hash of the last entry, to be kept somewhere else."""
        return self._read(_head)


def _entry(row: RowMapping) -> AuditEntry:
    names = ("seq", "at", "act", "release_id", "prev", "hash")
    kept = {name: row[name] for name in names}
    return AuditEntry(**kept, by=row["actor"], body=json.loads(row["body"]))


def _head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(AUDIT_HEAD)).mappings().one()
    return row["seq"], row["hash"]
