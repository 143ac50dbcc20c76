"""A reminder as its reader sees it: open, answered, and over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.offers import Offer
from bot.release.records import Change, Kept, Story
from bot.release.reminder_times import ReminderPlan
from bot.release.reminders import Answer, Kind, Reminder, ReminderMove
from bot.release.reminding import awaited_of
from bot.release.sending_reminders import reminder_change
from bot.release.states import ReleaseState, StepState
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.delivery import Delivery
from bot.slack.views.blocks import Card
from bot.slack.views.reminder import reminder_card
from bot.slack.zones import Zones
from tests.slack.conftest import Clock, sandbox
from tests.slack.reading import buttons, check_card, parsed_texts
from tests.slack.stories import (
    AT,
    CATALOG,
    NICO,
    OLGA,
    a_release,
    a_snapshot,
    a_step,
    a_story,
    name_of,
)
from tests.slack.test_calling import direct
from tests.slack.test_delivery import open_release, run_first_step, settle
from tests.slack.test_every_view import HOSTILE, LARGEST, unsafe
from tests.slack_person import shown

WAITING = a_story(a_step(2, StepState.READY))
LATER = AT + timedelta(hours=21)
LINK = "https://slack.example/archives/C1/p1"


def a_reminder(kind: Kind, answer: Answer | None = None) -> Reminder:
    return Reminder(
        key=f"remind:42:{kind}:2:x:1:{OLGA}:1",
        release_id=42,
        wait=f"42:{kind}:2:x",
        kind=kind,
        step=2,
        stage=1,
        person=OLGA,
        sent_at=AT,
        can_wait=True,
        answer=answer,
        answered_at=None if answer is None else AT,
        again_at=LATER if answer is Answer.SNOOZED else None,
        passed_to=NICO if answer is Answer.PASSED else None,
    )


def drawn(
    kind: Kind = Kind.RUN,
    answer: Answer | None = None,
    *,
    story: Story = WAITING,
    text: str = "R-42 still waits for you to run step 2.",
    lines: tuple[str, ...] = ("Step 2 waits since 2026-03-01 14:00 UTC.",),
    offers: tuple[Offer, ...] = (),
) -> Card:
    reminder = a_reminder(kind, answer)
    told = Notice(key=reminder.key, to=OLGA, text=text, at=AT, about=42, lines=lines, offers=offers)
    return reminder_card(replace(story, reminders=(reminder,)), told, CATALOG, name_of, LINK)


def undoable() -> Story:
    done = a_release(state=ReleaseState.DONE)
    return replace(a_story(a_step(5, StepState.DONE), release=done), snapshots=(a_snapshot(),))


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (Kind.RUN, [["*Run"], ["Snooze 1 h", "Tomorrow morning"], ["Hand over", "Done"]]),
        (Kind.WATCHED, [["Snooze 1 h", "Tomorrow morning"], ["Done"]]),
        (
            Kind.EXPIRING,
            [["Snooze 1 h", "Tomorrow morning"], ["Hand over", "Done"], ["!Roll back"]],
        ),
    ],
)
def test_an_open_reminder_offers_what_its_reader_may_do(kind: Kind, rows: list[list[str]]) -> None:
    card = drawn(kind, story=undoable() if kind is Kind.EXPIRING else WAITING)
    check_card(card)
    assert buttons(card) == rows


def test_a_review_without_a_reason_asks_for_it_first() -> None:
    card = drawn(Kind.REVIEW, offers=(Offer(label="Say why", verb="why", release=42),))
    check_card(card)
    assert buttons(card)[0] == ["Say why"]


def test_its_sentence_says_what_waits_and_of_what_release() -> None:
    assert drawn().text == (
        "R-42 still waits for you to run step 2: shop production, New price table."
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer.SNOOZED, "Snoozed"),
        (Answer.PASSED, "Handed over to @nico"),
        (Answer.DONE, "you are not reminded of this again."),
        (Answer.NEWER, "A newer reminder of the same was sent"),
        (Answer.OVER, "this no longer waits for you. R-42 2 of 5"),
    ],
)
def test_an_answered_one_has_no_buttons_and_says_what_became_of_it(
    answer: Answer, words: str
) -> None:
    card = drawn(Kind.RUN, answer)
    check_card(card)
    assert buttons(card) == []
    assert words in card.blocks[-1]["elements"][0]["text"]


@pytest.mark.parametrize("text", [HOSTILE, LARGEST], ids=["hostile", "largest"])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("answer", [None, *Answer])
def test_whatever_people_wrote_it_fits_and_is_not_followed(
    text: str, kind: Kind, answer: Answer | None
) -> None:
    story = a_story(a_step(2, StepState.READY), release=a_release(title=text))
    card = drawn(kind, answer, story=story, text=text, lines=(text,) * 30)
    check_card(card)
    assert [bad for row in parsed_texts(card.blocks) for bad in unsafe(row, mentions=True)] == []


def sent_to_olga(ledger: SqlLedger, clock: Clock, catalog: Catalog) -> str:
    """Remind Olga of the first step of a fresh release; return the reminder's key."""
    story = ledger.story(1)
    assert story is not None
    at = story.release.started_at + timedelta(hours=2)
    clock.at = at
    (awaited,) = awaited_of(story, catalog, ReminderPlan(), at)
    told = Notice(key="", to=OLGA, text="R-1 still waits for you.", at=at, about=1)
    change = reminder_change(story, awaited, 1, told)
    assert ledger.keep(change) == Kept()
    return change.notices[0].key


@pytest.fixture
def delivery(client: WebClient, ledger: SqlLedger) -> Delivery:
    return Delivery(client, ledger, CATALOG, name_of)


def test_it_is_one_direct_message_that_follows_what_becomes_of_it(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    key = sent_to_olga(ledger, clock, CATALOG)
    settle(delivery, clock)
    (told,) = direct(slack, OLGA)
    assert "Snooze 1 h" in shown(told)
    move = ReminderMove(key=key, to=Answer.SNOOZED, again_at=LATER)
    change = Change(act="snooze", by=OLGA, at=clock.move(5), release_id=1, reminder_moves=(move,))
    assert ledger.keep(change) == Kept()
    settle(delivery, clock)
    (told,) = direct(slack, OLGA)
    assert "Snoozed" in shown(told)
    assert "Snooze 1 h" not in shown(told)
    clock.move(5)
    run_first_step(ledger, clock)
    clock.move(5)
    settle(delivery, clock)
    (told,) = direct(slack, OLGA)
    assert "this no longer waits for you" in shown(told)


@pytest.fixture
def zones(client: WebClient, clock: Clock) -> Zones:
    return Zones(client, clock.now)


def test_slack_says_in_which_zone_a_person_lives_and_is_asked_a_few_times_a_day(
    clock: Clock,
) -> None:
    workspace = sandbox().workspace
    people = tuple(replace(row, timezone="America/New_York") for row in workspace.people)
    slack = SandboxSlack(replace(workspace, people=people), strict_rates=False)
    slack.start()
    try:
        zones = Zones(WebClient(token=workspace.bot_token, base_url=slack.api_url), clock.now)
        assert [zones.zone_of(OLGA) for _ in range(5)] == ["America/New_York"] * 5
        clock.move(7 * 3600)
        assert zones.zone_of(OLGA) == "America/New_York"
        assert [call.method for call in slack.calls] == ["users.info", "users.info"]
    finally:
        slack.stop()


def test_while_slack_is_silent_the_zone_is_the_last_known_one_or_none(
    slack: SandboxSlack, zones: Zones, clock: Clock
) -> None:
    known = zones.zone_of(OLGA)
    clock.move(7 * 3600)
    slack.fail_next("users.info", status=503, times=99)
    assert known is not None
    assert zones.zone_of(OLGA) == known
    assert zones.zone_of(NICO) is None
