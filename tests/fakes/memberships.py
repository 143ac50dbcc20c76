"""Copies of groups in memory: what the ledger does with them, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.release.membership import Membership


class FakeMemberships:
    """Keeps the newest copy of each group; the same contract test runs it and the ledger."""

    def __init__(self) -> None:
        self._kept: dict[str, Membership] = {}
        self._doubts: dict[str, datetime] = {}

    def membership(self, name: str) -> Membership | None:
        """Return the copy; None where there never was one."""
        found = self._kept.get(name)
        return None if found is None else replace(found, doubted_at=self._doubts.get(name))

    def keep_membership(self, found: Membership) -> None:
        """Keep it, unless a newer one is there."""
        known = self._kept.get(found.name)
        if known is None or known.at < found.at:
            self._kept[found.name] = replace(found, trouble=None, doubted_at=None)

    def doubt_membership(self, name: str, at: datetime) -> None:
        """Note that it has changed: the copy is not fresh any more."""
        self._doubts[name] = at
