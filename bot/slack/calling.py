"""Calls whom a release waits for, when its root card is drawn: whatever moved it, that card shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.release.calling import call_change, wanted
from bot.release.catalog import Catalog
from bot.release.membership import Membership, Unreachable, is_group, is_schedule
from bot.release.membership_words import aged_words, nobody_words
from bot.release.records import Story
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
    people, lines = _resolved(story, wish.people, catalog, members, now)
    change = call_change(story, wish, people, now, lines)
    if change is not None:
        ledger.keep(change)


def _resolved(
    story: Story, names: Iterable[str], catalog: Catalog, members: Members, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the people behind the names, and what is to be said of how they are known.

    Where a schedule names nobody, the owners are called in its place.
    """
    people: list[str] = []
    lines: list[str] = []
    for name in names:
        if not is_group(name):
            people.append(name)
            continue
        found = _members(name, members)
        if isinstance(found, Membership):
            people += sorted(found.people)[:MOST]
            lines += aged_words(found, now)
        if is_schedule(name) and not (isinstance(found, Membership) and found.people):
            people += _owners(story, catalog)
            lines.append(nobody_words(name, None if isinstance(found, Membership) else found))
    return tuple(people), tuple(lines)


def _members(name: str, members: Members) -> Membership | Unreachable:
    try:
        return members(name)
    except Unreachable as silent:
        # Its members are called when the card is drawn again; the thread calls the group at once.
        log.warning("who is in %s is not known: %s", name, silent)
        return silent


def _owners(story: Story, catalog: Catalog) -> tuple[str, ...]:
    app = catalog.apps.get(story.release.app)
    return (story.release.owner, *(() if app is None else (app.owner,)))
