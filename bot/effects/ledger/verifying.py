"""Looks at every entry of the audit, and names the first that does not stand as it was written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from bot.effects.ledger.canonical import FIRST_HASH, entry_hash
from bot.effects.ledger.connect import Transactions
from bot.effects.ledger.signing import is_genuine, is_signed
from bot.effects.ledger.stone_tables import AUDIT_STONE
from bot.effects.ledger.work_tables import AUDIT, AUDIT_HEAD
from bot.release.audit_standing import Anchor, Fault, Finding, Standing, Stone

AT_ONCE = 500
LOOK_AROUND = 10_000

Row = dict[str, Any]


class Broken(Exception):
    """The first entry that does not stand."""

    def __init__(self, seq: int, fault: Fault, says: str) -> None:
        """Take what is found."""
        super().__init__(says)
        self.finding = Finding(seq=seq, fault=fault, says=says)


class VerifyLedger(Transactions):
    """Whether the record of what was done still stands."""

    def audit_standing(
        self, *, key: bytes | None = None, anchors: Iterable[Anchor] = ()
    ) -> Standing:
        """Return how the audit stands at this moment.

        With a key signatures are checked. What was rewritten as a whole, or cut off at its end together
        with the head, is found by `anchors` alone: they were kept outside the database.
        """
        kept = tuple(anchors)
        return self._read(lambda connection: _Walk(connection, key, kept).standing())

    def verify_audit(self, *, anchor: tuple[int, str] | None = None) -> str | None:
        """Return None where every entry stands as it was written, else the first that does not and why."""
        known = {} if anchor is None else {anchor[0]: {anchor[1]}}
        found = self._read(lambda connection: _Walk(connection, None, ()).standing(known))
        return None if found.finding is None else found.finding.says


class _Walk:
    """One walk over the chain, from the newest stone to the head."""

    def __init__(
        self, connection: Connection, key: bytes | None, anchors: Sequence[Anchor]
    ) -> None:
        self._connection = connection
        self._key = key
        self._anchors = anchors
        self._known: dict[int, set[str]] = defaultdict(set)
        self._seq, self._hash = 0, FIRST_HASH
        self._entries = self._pruned = self._met = 0

    def standing(self, known: dict[int, set[str]] | None = None) -> Standing:
        self._known.update(known or {})
        finding = None
        try:
            self._take_anchors()
            self._begin()
            self._walk()
            self._end()
        except Broken as broken:
            finding = broken.finding
        return Standing(
            entries=self._entries,
            seq=self._seq,
            hash=self._hash,
            pruned=self._pruned,
            anchors=self._met,
            finding=finding,
        )

    def _take_anchors(self) -> None:
        for anchor in self._anchors:
            if self._key is not None and not is_genuine(anchor, self._key):
                says = f"the anchor of entry {anchor.seq} is not signed with the key that is set"
                raise Broken(anchor.seq, Fault.UNSIGNED, says)
            self._known[anchor.seq].add(anchor.hash)

    def _begin(self) -> None:
        """Go on from the newest stone; an entry that lies before it, or before the first, was added."""
        rows = self._connection.execute(select(AUDIT_STONE).order_by(AUDIT_STONE.c.seq)).mappings()
        for stone in (Stone(**{**row}) for row in rows):
            if self._key is not None and not is_signed(stone, self._key):
                says = (
                    f"the stone that stands for the entries up to {stone.seq} is not signed with the"
                    " key that is set"
                )
                raise Broken(stone.seq, Fault.UNSIGNED, says)
            self._seq, self._hash = stone.seq, stone.hash
            self._pruned += stone.entries
            self._meet(stone.seq, stone.hash)
        query = select(AUDIT.c.seq).where(AUDIT.c.seq <= self._seq).order_by(AUDIT.c.seq).limit(1)
        before = self._connection.execute(query).scalar()
        if before is not None:
            says = f"entry {before} was added: the chain begins with entry {self._seq + 1}"
            raise Broken(before, Fault.ADDED, says)

    def _walk(self) -> None:
        for row in self._rows():
            self._check(row)
            self._seq, self._hash = row["seq"], row["hash"]
            self._entries += 1
            self._meet(self._seq, self._hash)

    def _rows(self) -> Iterator[Row]:
        while True:
            query = select(AUDIT).where(AUDIT.c.seq > self._seq).order_by(AUDIT.c.seq)
            try:
                rows = self._connection.execute(query.limit(AT_ONCE)).mappings().all()
            except (TypeError, ValueError):
                yield from self._one_by_one()
                return
            yield from (dict(row) for row in rows)
            if len(rows) < AT_ONCE:
                return

    def _one_by_one(self) -> Iterator[Row]:
        """Give the entries up to the one whose time is no time; SQLite keeps any text there."""
        while True:
            query = select(AUDIT).where(AUDIT.c.seq > self._seq).order_by(AUDIT.c.seq).limit(1)
            try:
                row = self._connection.execute(query).mappings().first()
            except (TypeError, ValueError) as unreadable:
                raise _changed(self._seq + 1) from unreadable
            if row is None:
                return
            yield dict(row)

    def _check(self, row: Row) -> None:
        seq = self._seq + 1
        if row["seq"] != seq:
            raise Broken(seq, Fault.MISSING, f"entry {seq} is missing")
        if not _fits(row, seq):
            around = range(max(1, seq - LOOK_AROUND), seq + LOOK_AROUND)
            other = next((number for number in around if _fits(row, number)), None)
            if other is None:
                raise _changed(seq)
            says = f"entry {seq} is out of order: entry {other} stands in its place"
            raise Broken(seq, Fault.REORDERED, says)
        if row["prev"] != self._hash:
            says = f"entry {seq} does not follow entry {seq - 1}"
            raise Broken(seq, Fault.REWRITTEN, says)

    def _meet(self, seq: int, hashed: str) -> None:
        for anchored in self._known.get(seq, ()):
            if anchored != hashed:
                says = f"entry {seq} is not the one that was anchored: the chain was rewritten"
                raise Broken(seq, Fault.REWRITTEN, says)
            self._met += 1

    def _end(self) -> None:
        head = self._connection.execute(select(AUDIT_HEAD)).mappings().first()
        if head is None:
            says = f"the head after entry {self._seq} is missing"
            raise Broken(self._seq, Fault.MISSING, says)
        written = max(head["seq"], *self._known) if self._known else head["seq"]
        if written > self._seq:
            says = f"entry {self._seq + 1} is missing: {written} entries were written"
            raise Broken(self._seq + 1, Fault.CUT_OFF, says)
        if head["seq"] < self._seq:
            says = f"entry {head['seq'] + 1} was added: {head['seq']} entries were written"
            raise Broken(head["seq"] + 1, Fault.ADDED, says)
        if head["hash"] != self._hash:
            says = f"entry {self._seq} is not the end that was recorded"
            raise Broken(self._seq, Fault.REWRITTEN, says)


def _fits(row: Row, seq: int) -> bool:
    told = {name: value for name, value in row.items() if name != "hash"} | {"seq": seq}
    try:
        return bool(entry_hash(**told) == row["hash"])
    except (TypeError, ValueError):
        return False  # SQLite keeps any kind of value in any column


def _changed(seq: int) -> Broken:
    return Broken(seq, Fault.CHANGED, f"entry {seq} was changed after it was written")
