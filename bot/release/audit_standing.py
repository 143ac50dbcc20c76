"""What a look at the whole audit found: how far it stands, and the first entry that does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with an entry of the audit."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    ADDED = "added"
    CUT_OFF = "cut off"
    REWRITTEN = "rewritten"
    UNSIGNED = "not signed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The first entry that does not stand as it was written, and one sentence without its full stop."""

    seq: int
    fault: Fault
    says: str


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The audit's end at one moment, kept outside the database; `hmac` (SHA-256, hex) covers the rest."""

    seq: int
    hash: str
    at: datetime
    hmac: str


@dataclass(frozen=True, kw_only=True)
class Stone:
    """What stands in place of a pruned beginning: its last entry, how many went, and what they were written to.

    `digest` is the SHA-256, in hex, of the exported lines. `signature` (HMAC-SHA-256, hex) covers the rest.
    """

    seq: int
    hash: str
    entries: int
    at: datetime
    by: str
    digest: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the audit stands: entries looked at, the last one, how many were pruned before, anchors that were met."""

    entries: int
    seq: int
    hash: str
    pruned: int
    anchors: int
    finding: Finding | None
