"""What is looked for again and again: messages to send, work to hand on, snapshots to delete."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot
from bot.effects.audit_anchors import add_anchor, anchor_line
from bot.effects.ledger.signing import anchor_of
from bot.places import open_keyspace
from bot.recognising import audit_key
from bot.release.refusal import Refusal
from bot.release.undelivered import OF_A_CHANNEL
from bot.slack.delivery import Delivery
from bot.slack.replays import REMEMBERED_FOR
from bot.work.anchoring import Anchoring
from bot.work.clock import Tick
from bot.work.drill_monthly import ask_monthly_drills
from bot.work.expiring import expire_snapshots
from bot.work.reminding import tend_reminders
from bot.work.telling import WebhookSender
from bot.work.turns import look_after_locks, tell_waiting
from bot.work.watch_minutes import tend_watches

log = logging.getLogger(__name__)

LOOK_FOR_CARDS_S = 0.25
LOOK_FOR_WEBHOOKS_S = 1.0
SWEEP_AFTER_S = 2.0
STUCK_AFTER_S = 600.0
RETRY_S = 600
ANCHOR_S = 300
RETRIED_FOR = timedelta(days=7)


def send_cards(bot: Bot, cards: Delivery, stop: threading.Event) -> None:
    """Send what is due until the process ends, at once when this process changed something."""
    while not stop.is_set():
        bot.wake.wait(LOOK_FOR_CARDS_S)
        bot.wake.clear()
        try:
            while cards.deliver_once(bot.clock.now()) and not stop.is_set():
                # More may have come due while these were sent.
                pass
        except (SQLAlchemyError, Refusal):
            # The ledger could not be read; the cards wait in it, so the next look finds them.
            log.exception("cards could not be looked for")
            stop.wait(1.0)


def tell_others(bot: Bot, sender: WebhookSender, stop: threading.Event) -> None:
    """Send webhooks until the process ends; a process that is killed leaves them to the others."""
    while not stop.wait(LOOK_FOR_WEBHOOKS_S):
        try:
            while sender.tell_once(bot.clock.now()) and not stop.is_set():
                # More may have come due while these were sent.
                pass
        except (SQLAlchemyError, Refusal):
            # They wait in the ledger, so the next look finds them.
            log.exception("webhooks could not be looked for")
            stop.wait(1.0)


def ticks(bot: Bot) -> tuple[Tick, ...]:
    """Return what the clock asks for, each by its name."""
    return (
        Tick(name="sweep", every_s=2, run=lambda: sweep(bot)),
        Tick(name="snapshot expiry", every_s=60, run=lambda: expire(bot)),
        Tick(name="watches", every_s=1, run=lambda: look_after_watched(bot)),
        Tick(name="drills", every_s=3600, run=lambda: drill_apps(bot)),
        Tick(name="turns", every_s=5, run=lambda: look_after_people(bot)),
        Tick(name="audit anchor", every_s=ANCHOR_S, run=partial(anchor_audit, bot, anchoring(bot))),
        Tick(name="reminders", every_s=15, run=lambda: remind(bot)),
        Tick(name="undelivered", every_s=RETRY_S, run=lambda: retry_undelivered(bot)),
        Tick(name="heard", every_s=60, run=lambda: forget_heard(bot)),
        Tick(name="senders", every_s=1, run=lambda: free_dead_senders(bot)),
        Tick(name="watchdog", every_s=30, run=lambda: report_stuck(bot)),
    )


def sweep(bot: Bot) -> None:
    """Enqueue what was recorded and not enqueued: the process died between the two."""
    for action in bot.ledger.unqueued(bot.clock.now(), SWEEP_AFTER_S):
        bot.engine.enqueue(action.turn, action.partition)


def anchoring(bot: Bot) -> Anchoring:
    """Return what says outside the database where the audit stands."""
    settings, key = bot.settings, audit_key(bot.settings)
    path = settings.audit_anchors
    return Anchoring(
        bot.ledger,
        sign=lambda seq, hashed, at: anchor_of(key, seq=seq, hashed=hashed, at=at),
        said=anchor_line,
        keep=None if path is None else partial(add_anchor, path),
        channel=settings.audit_channel,
    )


def anchor_audit(bot: Bot, anchors: Anchoring) -> None:
    """Anchor the audit where something was written since the last time."""
    anchors.anchor(bot.clock.now())
    bot.wake.set()


def expire(bot: Bot) -> None:
    """Delete snapshots whose time is over."""
    expire_snapshots(
        bot.ledger,
        bot.snapshots,
        partial(open_keyspace, bot.loaded, bot.settings.most_tempo),
        bot.clock.now(),
    )


def drill_apps(bot: Bot) -> None:
    """Have each app's rollback rehearsed once a month; which month is in the ledger."""
    ask_monthly_drills(bot.tools, bot.clock.now())


def look_after_people(bot: Bot) -> None:
    """Tell those who wait what is free, end locks whose time is over, remind of the others."""
    now = bot.clock.now()
    look_after_locks(bot.ledger, now, bot.tools.reminders.works)
    tell_waiting(bot.ledger, bot.loaded.catalog, now)
    bot.wake.set()


def remind(bot: Bot) -> None:
    """Close approvals that were waited for too long, and remind people of what waits."""
    tend_reminders(bot.tools, bot.clock.now())
    bot.wake.set()


def retry_undelivered(bot: Bot) -> None:
    """Try again what no channel took: somebody may have unarchived it, or invited the bot."""
    now = bot.clock.now()
    count = bot.ledger.retry_dead(OF_A_CHANNEL, since=now - RETRIED_FOR, before=now)
    if count:
        log.info("trying %d messages again that their channel did not take", count)


def forget_heard(bot: Bot) -> None:
    """Forget signed requests that are too old to be sent again."""
    bot.ledger.forget_heard(bot.clock.now() - REMEMBERED_FOR)


def look_after_watched(bot: Bot) -> None:
    """Start the looks that are due, and end the watches that are over."""
    tend_watches(bot.tools, bot.clock.now())


def free_dead_senders(bot: Bot) -> None:
    """Give back the messages that a killed process had in hand: the end of a rollback must not wait for its claim."""
    for name in bot.ledger.senders(bot.clock.now()):
        with bot.liveness.dead(name) as dead:
            if dead:
                log.warning("giving back the messages of %s, which is dead", name)
                bot.ledger.free_sender(name)
                bot.wake.set()


def report_stuck(bot: Bot) -> None:
    """Log work that has not ended for ten minutes."""
    for key in bot.engine.stuck(STUCK_AFTER_S):
        log.warning("%s has been running for over %.0f s", key, STUCK_AFTER_S)
