"""Those on call by a schedule are called each by their own, also by an old copy, which then says how old it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.release.calling import wanted
from bot.release.membership import Membership, Unreachable
from bot.release.notices import Notice
from bot.release.records import Called, Change, Kept, Story
from bot.release.states import ReleaseState, StepState
from bot.release.watching import Call, Look, Word
from bot.slack.calling import Members, call_people
from bot.slack.outbox import Outbox
from bot.slack.views.calling import call_card
from bot.slack.views.watch_call import page_card
from tests.slack.reading import check_card, texts
from tests.slack.stories import (
    AT,
    CATALOG,
    DANA,
    NICO,
    OLGA,
    a_release,
    a_step,
    a_story,
    name_of,
)
from tests.slack.test_watch_card import watched

SCHEDULE = "pagerduty:PRIMARY"
SHOP = CATALOG.apps["shop"].model_copy(update={"oncall": (SCHEDULE,), "owner": DANA})
PAGED = CATALOG.model_copy(update={"apps": {"shop": SHOP}})
FAILED_UNDO = a_story(
    a_step(2, StepState.READY), release=a_release(state=ReleaseState.ROLLBACK_FAILED)
)
OLD = (
    "PagerDuty schedule PRIMARY: who is on call is known as of 2026-03-01 09:00 UTC, 5 hours ago: "
)


@dataclass
class Book:
    """A ledger with one story; it remembers what was kept."""

    now: Story
    kept: list[Change] = field(default_factory=list)

    def story(self, release_id: int) -> Story:
        """Return the story."""
        return self.now

    def keep(self, change: Change) -> Kept:
        """Remember the change."""
        self.kept.append(change)
        return Kept()


def knows(*people: str, **more: Any) -> Members:
    """Return what answers that these are on call."""
    kept = Membership(name=SCHEDULE, people=frozenset(people), at=AT - timedelta(seconds=5))
    found = replace(kept, **more)
    return lambda name: found


def silent(name: str) -> Membership:
    raise Unreachable("PagerDuty does not answer")


def called(story: Story, members: Members) -> tuple[Notice, ...]:
    """Return whom the release's card calls when it is drawn."""
    book = Book(story)
    call_people("root:42", cast("Outbox", book), PAGED, members, AT)
    return book.kept[0].notices


def after(story: Story, notices: tuple[Notice, ...]) -> Story:
    """Return the story once those were called."""
    return replace(story, calls=tuple(Called(key=row.key, to=row.to, at=AT) for row in notices))


def test_each_of_those_on_call_is_called_and_mentioned_in_the_thread() -> None:
    notices = called(FAILED_UNDO, knows(NICO))
    assert [row.to for row in notices] == [None, OLGA, NICO]
    assert {row.lines for row in notices} == {()}
    card = call_card(after(FAILED_UNDO, notices), notices[0], PAGED, name_of, None)
    check_card(card)
    assert card.text == f"<@{OLGA}> <@{NICO}> please roll it back again (R-42)."


def test_an_old_copy_is_called_and_every_message_says_how_old_it_is() -> None:
    aged = knows(NICO, at=AT - timedelta(hours=5), trouble="PagerDuty answers 503")
    notices = called(FAILED_UNDO, aged)
    assert [row.to for row in notices] == [None, OLGA, NICO]
    assert {row.lines for row in notices} == {(f"{OLD}PagerDuty answers 503.",)}
    story = after(FAILED_UNDO, notices)
    for notice in notices:
        card = call_card(story, notice, PAGED, name_of, None)
        check_card(card)
        said = texts(card.blocks)[-1]
        assert "|2026-03-01 09:00 UTC>, 5 hours ago: PagerDuty answers 503." in said
        assert card.text.endswith("5 hours ago: PagerDuty answers 503.")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (silent, "it is not known who is on call: PagerDuty does not answer"),
        (knows(), "nobody is on call"),
    ],
)
def test_where_nobody_is_on_call_the_owners_are_called(members: Members, said: str) -> None:
    notices = called(FAILED_UNDO, members)
    assert [row.to for row in notices] == [None, OLGA, DANA]
    line = f"PagerDuty schedule PRIMARY: {said}. The owners are called instead."
    assert {row.lines for row in notices} == {(line,)}


def test_the_watch_calls_those_on_call_by_their_own_names() -> None:
    look = Look(
        number=8,
        at=AT,
        word=Word.SLOWER,
        evidence="/products takes 400 ms.",
        call=Call.PAGE,
        called=(SCHEDULE,),
    )
    story = watched(look)
    wish = wanted(story, PAGED)
    assert wish is not None
    notices = called(story, knows(NICO))
    assert [row.to for row in notices] == [NICO]
    page = page_card(after(story, notices), "8", PAGED)
    assert page is not None
    assert page.text.startswith(f"<@{NICO}> R-42 on shop PRODUCTION: SLOWER")
    before = page_card(story, "8", PAGED)
    assert before is not None
    assert before.text.startswith("those on call (PagerDuty schedule PRIMARY) R-42 on shop")
