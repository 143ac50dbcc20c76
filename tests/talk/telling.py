"""A talk about a catalog with freezes, and what people were told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.commands import Ask, Reply
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.offers import Offer
from bot.release.people import Person
from bot.release.refusal import Refusal
from tests.talk.conftest import CATALOG, Talk

WEEKEND = {
    "reason": "Nobody is there to watch.",
    "start": "2026-01-02T16:00:00",
    "hours": 64,
    "rule": "FREQ=WEEKLY;BYDAY=FR",
    "zone": "Europe/Berlin",
}


def catalog_with(**changes: Any) -> Catalog:
    """Return the catalog of the talks with other parts."""
    return Catalog.model_validate({**CATALOG, **changes})


def refused(talk: Talk, line: str, who: str) -> Refusal:
    """Say a line that must be refused."""
    with pytest.raises(Refusal) as caught:
        talk.say(line, who)
    return caught.value


def press(talk: Talk, offer: Offer, who: str) -> Reply:
    """Press a button that an answer offered."""
    ask = Ask(
        verb=offer.verb,
        who=Person(id=who),
        at=talk.clock.now(),
        door="slack button",
        fields=offer.fields,
        release=offer.release,
    )
    return talk.tools.commands[offer.verb].run(ask, talk.tools)


def notices(talk: Talk) -> list[Notice]:
    """Return what is to be told, oldest first."""
    cards = talk.ledger.due_cards(talk.clock.now() + timedelta(days=9), 99, "test", 0.0)
    found = [
        talk.ledger.notice(row.card.removeprefix("notice:"))
        for row in cards
        if row.card.startswith("notice:")
    ]
    return sorted((row for row in found if row is not None), key=lambda row: row.at)


def told(talk: Talk, who: str) -> list[Notice]:
    """Return what one person was told by a direct message, oldest first."""
    return [row for row in notices(talk) if row.to == who]
