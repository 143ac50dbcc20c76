"""Says, outside the database, where the audit stands: into the log, a file, and once a day a channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.release.audit_standing import Anchor
from bot.release.notices import Notice
from bot.release.records import Change, Kept, Lost

log = logging.getLogger(__name__)

BOT = "cache-release"
ACT = "anchor audit"


class Audited(Protocol):
    """The ledger as the anchoring needs it."""

    def audit_head(self) -> tuple[int, str]:
        """Return the number and the hash of the last entry."""
        ...

    def notice(self, key: str) -> Notice | None:
        """Return what was told under that key."""
        ...

    def keep(self, change: Change) -> Kept | Lost:
        """Keep the whole change or nothing of it."""
        ...


class Anchoring:
    """Anchors the audit whenever something was written since the last time."""

    def __init__(
        self,
        ledger: Audited,
        *,
        sign: Callable[[int, str, datetime], Anchor],
        said: Callable[[Anchor], str],
        keep: Callable[[Anchor], None] | None,
        channel: str | None,
    ) -> None:
        """Take how an anchor is signed, said in one line, and kept in a file, and the channel of the day's one."""
        self._ledger = ledger
        self._sign = sign
        self._said = said
        self._keep = keep
        self._channel = channel
        self._last = -1
        self._day = ""

    def anchor(self, at: datetime) -> Anchor | None:
        """Anchor the audit's end; None where nothing was written since the last anchor."""
        seq, hashed = self._ledger.audit_head()
        if seq in {self._last, 0}:
            return None
        anchor = self._sign(seq, hashed, at)
        log.info("audit anchor %s", self._said(anchor))
        if self._keep is not None:
            self._keep(anchor)
        self._last = seq
        self._post(anchor, at)
        return anchor

    def _post(self, anchor: Anchor, at: datetime) -> None:
        """Post the day's first anchor; the key of the notice keeps two clocks from posting two."""
        day = f"{at:%Y-%m-%d}"
        if self._channel is None or day == self._day:
            return
        self._day = day
        key = f"anchor:{day}"
        if self._ledger.notice(key) is not None:
            return
        notice = Notice(
            key=key,
            to=self._channel,
            at=at,
            text=f"The audit had {anchor.seq} entries at {at:%Y-%m-%d %H:%M} UTC.",
            lines=(
                f"`audit anchor {self._said(anchor)}`",
                "Keep this message: `cache-release verify --anchors <file with that line>` compares with it.",
            ),
        )
        body = {"seq": anchor.seq, "hash": anchor.hash}
        self._ledger.keep(Change(act=ACT, by=BOT, at=at, body=body, notices=(notice,)))
        # The entry that says so is no news: without more it is not anchored by itself.
        self._last = max(self._last, self._ledger.audit_head()[0])
