"""Messages that were given up: which of them matter, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

NOTHING_TO_DRAW = "there is nothing to draw"
NO_CHANNEL = "it was asked where there is no channel"
NO_TROUBLE = frozenset({NOTHING_TO_DRAW, NO_CHANNEL})
OF_A_CHANNEL = ("is_archived", "not_in_channel", "channel_not_found")


@dataclass(frozen=True, kw_only=True)
class DeadCard:
    """A message that was given up, and why; of no release where it stands alone."""

    card: str
    error: str
    at: datetime
    release_id: int | None = None


def undelivered_lines(dead: Iterable[DeadCard], release: int | None = None) -> tuple[str, ...]:
    """Return one line for each release and reason, of one release or of all; nothing where all is shown."""
    found: dict[tuple[str, str], list[DeadCard]] = {}
    for row in dead:
        if row.error in NO_TROUBLE or release not in (None, row.release_id):
            continue
        whose = "outside a release" if row.release_id is None else f"of R-{row.release_id}"
        found.setdefault((whose, row.error), []).append(row)
    return tuple(
        f"Not shown in Slack: {len(rows)} {'message' if len(rows) == 1 else 'messages'} {whose} "
        f"since {min(row.at for row in rows):%Y-%m-%d %H:%M} UTC: {error}"
        for (whose, error), rows in found.items()
    )
