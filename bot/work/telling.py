"""Tells other systems what happened: taken from the ledger, sent, marked; in doubt it is sent again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.release.calls_out import WebhookOut
from bot.release.catalog import Catalog
from bot.release.notices import Notice, can_be_told
from bot.release.telling_others import LONGEST_WAIT_S, MOST_TRIES, DueWebhook, wait_before

log = logging.getLogger(__name__)

AT_ONCE = 5
# Longer than all of a batch may take: none of it is in the hands of two senders.
CLAIM_S = 120.0

Post = Callable[[WebhookOut, str, str], tuple[str | None, float | None]]


class Outgoing(Protocol):
    """The ledger as a sender of webhooks needs it."""

    def due_webhooks(self, at: datetime, limit: int, claim_s: float) -> tuple[DueWebhook, ...]:
        """Take what may be sent now."""
        ...

    def webhook_sent(self, claim: int, at: datetime) -> None:
        """Record that it was taken."""
        ...

    def webhook_later(self, claim: int, retry_at: datetime, error: str) -> None:
        """Record a failed try."""
        ...

    def webhook_dead(self, claim: int, error: str, at: datetime, notice: Notice) -> None:
        """Give it up, and tell a person."""
        ...


class WebhookSender:
    """Sends what is due, one after another; any number of them may run."""

    def __init__(self, ledger: Outgoing, catalog: Catalog, post: Post) -> None:
        """Take what sends one event; it says why it was not taken, and how long to wait."""
        self._ledger = ledger
        self._catalog = catalog
        self._post = post

    def tell_once(self, now: datetime) -> int:
        """Send what is due at `now`; return how many events were dealt with."""
        due = self._ledger.due_webhooks(now, AT_ONCE, CLAIM_S)
        for row in due:
            self._tell(row, now)
        return len(due)

    def _tell(self, row: DueWebhook, now: datetime) -> None:
        app = self._catalog.apps.get(row.app)
        if app is None or row.hook >= len(app.webhooks):
            gone = "the catalog names this webhook no more"
            self._ledger.webhook_dead(row.claim, gone, now, self._notice(row, gone, now))
            return
        error, after_s = self._post(app.webhooks[row.hook], row.event_id, row.body)
        if error is None:
            self._ledger.webhook_sent(row.claim, now)
            return
        tries = row.attempts + 1
        log.warning("webhook %s was not taken, try %d: %s", row.event_id, tries, error)
        if tries >= MOST_TRIES:
            self._ledger.webhook_dead(row.claim, error, now, self._notice(row, error, now))
            return
        wait_s = max(wait_before(tries), min(after_s or 0.0, LONGEST_WAIT_S))
        self._ledger.webhook_later(row.claim, now + timedelta(seconds=wait_s), error)

    def _notice(self, row: DueWebhook, error: str, now: datetime) -> Notice:
        app = self._catalog.apps.get(row.app)
        owner = None if app is None or not can_be_told(app.owner) else app.owner
        return Notice(
            key=f"webhook:{row.event_id}",
            to=owner,
            text=(
                f"A webhook of {row.app} was given up after {row.attempts + 1} tries: {error}. "
                f"R-{row.release_id} goes on; the other system does not know this event."
            ),
            at=now,
            about=row.release_id,
        )
