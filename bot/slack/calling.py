"""Calls whom a release waits for, when its root card is drawn: whatever moved it, that card shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from bot.release.calling import call_change, wanted
from bot.release.catalog import Catalog
from bot.release.membership import Membership, Unreachable, is_group
from bot.slack.outbox import Outbox

log = logging.getLogger(__name__)

Members = Callable[[str], Membership]
MOST = 20


def call_people(
    card: str, ledger: Outbox, catalog: Catalog, members: Members, now: datetime
) -> None:
    """Ask for the messages that call people, each once; nothing where the card is no root.

    Slack writes to people, not to groups: of a user group each member is called, at most 20.
    """
    kind, _, number = card.partition(":")
    story = ledger.story(int(number)) if kind == "root" and number.isdecimal() else None
    wish = None if story is None else wanted(story, catalog)
    if story is None or wish is None:
        return
    people = tuple(who for name in wish.people for who in _each(name, members))
    change = call_change(story, wish, people, now)
    if change is not None:
        ledger.keep(change)


def _each(name: str, members: Members) -> Iterator[str]:
    if not is_group(name):
        yield name
        return
    try:
        yield from sorted(members(name).people)[:MOST]
    except Unreachable as silent:
        # Its members are called when the card is drawn again; the thread calls the group at once.
        log.warning("who is in %s is not known: %s", name, silent)
