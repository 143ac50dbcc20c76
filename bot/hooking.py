"""What the calls to and from other systems lean on."""

from __future__ import annotations

from bot.app import Bot
from bot.ci.door import BehindHooks
from bot.effects.webhook_out import post_event
from bot.work.telling import WebhookSender


def behind_hooks(bot: Bot) -> BehindHooks:
    """Return what the door for build systems leans on."""
    return BehindHooks(
        run=bot.run,
        ledger=bot.ledger,
        catalog=bot.loaded.catalog,
        secret_values=bot.loaded.values,
        now=bot.clock.now,
    )


def webhook_sender(bot: Bot) -> WebhookSender:
    """Return what tells other systems the events that wait in the ledger."""
    return WebhookSender(bot.ledger, bot.loaded.catalog, post_event(bot.loaded.values))
