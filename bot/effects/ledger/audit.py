"""The audit: every change leaves an entry that holds the hash of the one before."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from bot.effects.ledger.canonical import FIRST_HASH, canonical, entry_hash
from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.work_tables import AUDIT, AUDIT_HEAD
from bot.release.records import AuditEntry, Json

AT_ONCE = 500


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
    """What was done, and whether the record of it still stands."""

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

    def verify_audit(self, *, anchor: tuple[int, str] | None = None) -> str | None:
        """Return None where every entry stands as it was written, else the first that does not and why.

        A chain that was rewritten as a whole is found only by an `anchor`: a number and hash
        that `audit_head` gave earlier and that were kept outside the database.
        """
        return self._read(lambda connection: _verify(connection, anchor))


def _entry(row: RowMapping) -> AuditEntry:
    names = ("seq", "at", "act", "release_id", "prev", "hash")
    kept = {name: row[name] for name in names}
    return AuditEntry(**kept, by=row["actor"], body=json.loads(row["body"]))


def _head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(AUDIT_HEAD)).mappings().one()
    return row["seq"], row["hash"]


def _verify(connection: Connection, anchor: tuple[int, str] | None) -> str | None:
    seq, prev = 0, FIRST_HASH
    while True:
        query = select(AUDIT).where(AUDIT.c.seq > seq).order_by(AUDIT.c.seq).limit(AT_ONCE)
        rows = connection.execute(query).mappings().all()
        for row in rows:
            problem = _problem(row, seq + 1, prev, anchor)
            if problem is not None:
                return problem
            seq, prev = row["seq"], row["hash"]
        if len(rows) < AT_ONCE:
            return _end_problem(connection, seq, prev, anchor)


def _problem(row: RowMapping, seq: int, prev: str, anchor: tuple[int, str] | None) -> str | None:
    if row["seq"] != seq:
        return f"entry {seq} is missing"
    if row["prev"] != prev:
        return f"entry {seq} does not follow entry {seq - 1}"
    told = {name: value for name, value in row.items() if name != "hash"}
    if entry_hash(**told) != row["hash"]:
        return f"entry {seq} was changed after it was written"
    if anchor is not None and anchor[0] == seq and anchor[1] != row["hash"]:
        return f"entry {seq} is not the one that was anchored: the chain was rewritten"
    return None


def _end_problem(
    connection: Connection, seq: int, prev: str, anchor: tuple[int, str] | None
) -> str | None:
    written = max(_head(connection)[0], 0 if anchor is None else anchor[0])
    if written > seq:
        return f"entry {seq + 1} is missing: {written} entries were written"
    if _head(connection) != (seq, prev):
        return f"entry {seq} is not the end that was recorded"
    return None
