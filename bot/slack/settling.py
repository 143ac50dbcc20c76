"""What becomes of a message that Slack did not take: it waits, or it is given up and its owner told."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.release.records import DueCard
from bot.slack.outbox import Outbox
from bot.slack.sending import Next, Trouble, backoff
from bot.slack.undelivered import tell_owner

MOST_ATTEMPTS = 20


def later(ledger: Outbox, due: DueCard, trouble: Trouble, now: datetime) -> None:
    """Wait; a Slack that is away is waited for as long as that takes."""
    lasting = trouble.away or trouble.next is Next.RATE_LIMITED
    if due.attempts >= MOST_ATTEMPTS and not lasting:
        give_up(ledger, due, trouble.error, now)
        return
    wait_s = trouble.wait_s or backoff(due.attempts)
    ledger.card_later(due.id, now + timedelta(seconds=wait_s), trouble.error)


def give_up(ledger: Outbox, due: DueCard, error: str, now: datetime) -> None:
    """Give a message up; first its owner is told, so that a crash in between tells them again and not never."""
    tell_owner(due, error, ledger, now)
    ledger.card_dead(due.id, error, now)
