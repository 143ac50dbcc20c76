"""Calls whom a release waits for, when its root card is drawn: whatever moved it, that card shows it."""

from __future__ import annotations

from datetime import datetime

from bot.release.calling import call_change, wanted
from bot.release.catalog import Catalog
from bot.slack.outbox import Outbox


def call_people(card: str, ledger: Outbox, catalog: Catalog, now: datetime) -> None:
    """Ask for the messages that call people, each once; nothing where the card is no root."""
    kind, _, number = card.partition(":")
    story = ledger.story(int(number)) if kind == "root" and number.isdecimal() else None
    wish = None if story is None else wanted(story, catalog)
    if story is None or wish is None:
        return
    change = call_change(story, wish, wish.people, now)
    if change is not None:
        ledger.keep(change)
