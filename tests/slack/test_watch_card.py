"""The card of a watch and the messages with which it calls people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.release.catalog import Catalog
from bot.release.records import Measurement, Story
from bot.release.recovery_chart import recovery_charts
from bot.release.states import ReleaseState, StepState
from bot.release.timers import Timer, TimerState
from bot.release.watching import Call, Look, Word, numbers_of
from bot.sandbox.slack.validate import message_problems
from bot.slack.views.blocks import Card
from bot.slack.views.chart import charts_of, without_charts
from bot.slack.views.release import root_card
from bot.slack.views.rollback import end_card
from bot.slack.views.watch import bars, watch_card
from bot.slack.views.watch_call import direct_card, page_card
from tests.slack.reading import buttons, check_card, texts
from tests.slack.stories import AT, CATALOG, a_release, a_snapshot, a_step, a_story, name_of

CURVE = """hits ▃▅·█ 100%
p50  ██·▁ 12 ms

  1    25%   180 ms  still cold
  2    60%   160 ms  still cold
  3  missed
  4   100%    12 ms  OK"""


def a_look(number: int, word: Word = Word.OK, **more: Any) -> Look:
    plain: dict[str, Any] = {"evidence": "/products: 5 requests, none failed, 12 ms."}
    values = {"hits": 1.0, "ms": 12.0, "ms_before": 11.0, **plain, **more}
    return Look(number=number, at=AT + timedelta(minutes=number), word=word, **values)


def watched(
    *looks: Look, total: int = 30, state: ReleaseState = ReleaseState.WATCHING, **parts: Any
) -> Story:
    """Return R-42 after its last step, with those looks; what is past without one was missed."""
    last = max((look.number for look in looks), default=0)
    seen = {look.number for look in looks}
    ahead = TimerState.ARMED if state is ReleaseState.WATCHING else TimerState.CANCELLED
    timers = tuple(
        Timer(
            key=f"watch:42:{number}",
            release_id=42,
            kind="watch",
            number=number,
            due_at=AT + timedelta(minutes=number),
            state=TimerState.DONE
            if number in seen
            else (TimerState.MISSED if number < last else ahead),
        )
        for number in range(1, total + 1)
    )
    kept = tuple(
        Measurement(
            release_id=42,
            app="shop",
            environment="production",
            route="products",
            kind="watch",
            phase="check",
            at=look.at,
            numbers=numbers_of(look),
        )
        for look in looks
    )
    steps = (a_step(number, StepState.DONE) for number in range(1, 6))
    return a_story(
        *steps,
        release=a_release(state=state),
        snapshots=(a_snapshot(),),
        timers=timers,
        looks=kept,
        **parts,
    )


RECOVERY = (
    a_look(1, Word.COLD, hits=0.25, ms=180.0),
    a_look(2, Word.COLD, hits=0.6, ms=160.0),
    a_look(4),
)


def checked(card: Card | None) -> Card:
    """Return the card once Slack would take it; its charts are known to the sandbox alone."""
    assert card is not None
    assert message_problems(list(card.blocks)) == []
    check_card(without_charts(card))
    return card


def test_a_watch_that_has_not_looked_yet_says_so() -> None:
    card = checked(watch_card(watched(), CATALOG, name_of))
    assert card.text == "R-42: Watched after the release · 30 looks to come."
    assert buttons(card) == [["Stop watching"], ["!Roll back"]]


def test_the_curve_is_shown_as_bars_numbers_and_charts() -> None:
    card = checked(watch_card(watched(*RECOVERY), CATALOG, name_of))
    assert CURVE in texts(card.blocks)
    assert card.text == (
        "R-42: Watched after the release · look 4 of 30. Last look: OK. "
        "/products: 5 requests, none failed, 12 ms."
    )
    assert any(text.startswith("26 looks left, the last <!date^") for text in texts(card.blocks))
    hits, times = charts_of(card)
    assert (hits.categories, hits.lines[0].values) == (("1", "2", "4"), (25.0, 60.0, 100.0))
    assert [(line.name, line.values) for line in times.lines] == [
        ("now", (180.0, 160.0, 12.0)),
        ("before the purge", (11.0, 11.0, 11.0)),
    ]


def test_the_hits_of_the_whole_redis_are_a_line_of_their_own() -> None:
    looks = [a_look(number, hits=1.0, redis_hits=number / 4) for number in (1, 2, 3)]
    hits, _ = recovery_charts(looks)
    assert [(line.name, line.values) for line in hits.lines] == [
        ("pages", (100.0, 100.0, 100.0)),
        ("all of Redis", (25.0, 50.0, 75.0)),
    ]


def test_a_long_watch_has_at_most_twenty_points() -> None:
    looks = [a_look(number, ms=float(number)) for number in range(1, 31)]
    for chart in recovery_charts(looks):
        assert len(chart.categories) == 15
    assert recovery_charts(looks)[1].lines[0].values[:2] == (1.5, 3.5)
    checked(watch_card(watched(*looks), CATALOG, name_of))


def test_one_look_and_looks_without_a_value_make_no_chart() -> None:
    assert recovery_charts([a_look(1)]) == ()
    unknown = [a_look(number, Word.UNSURE, hits=None, ms=None) for number in (1, 2, 3)]
    assert recovery_charts(unknown) == ()
    checked(watch_card(watched(*unknown), CATALOG, name_of))


@pytest.mark.parametrize(
    ("state", "head"),
    [
        (
            ReleaseState.DONE,
            "Watch stopped after 3 looks · 1 of 3 looks OK, 2 still cold, 1 missed",
        ),
        (
            ReleaseState.ROLLED_BACK,
            "Watch ended by the rollback · 1 of 3 looks OK, 2 still cold, 1 missed",
        ),
    ],
)
def test_a_watch_that_ended_says_how_and_has_no_buttons(state: ReleaseState, head: str) -> None:
    card = checked(watch_card(watched(*RECOVERY, state=state), CATALOG, name_of))
    assert card.text.startswith(f"R-42: {head}. Last look: OK.")
    assert buttons(card) == []


def test_a_release_that_was_never_watched_has_no_such_card() -> None:
    assert watch_card(a_story(), CATALOG, name_of) is None
    assert page_card(watched(a_look(1)), "1", CATALOG) is None


SLOW = a_look(
    8,
    Word.SLOWER,
    evidence="/products: The pages take 400 ms now, 10 ms before the purge.",
    call=Call.PAGE,
    called=("U03ONCALL", "S01CACHE"),
)


def test_a_page_mentions_people_in_the_thread_and_nobody_in_a_direct_message() -> None:
    story = watched(SLOW)
    page, direct = page_card(story, "8", CATALOG), direct_card(story, "8", CATALOG)
    assert page is not None
    assert direct is not None
    check_card(page)
    check_card(direct)
    said = (
        "R-42 on shop PRODUCTION: SLOWER, twice in a row. /products: The pages take 400 ms now, "
        "10 ms before the purge. The bot changed nothing: roll back, or keep the release."
    )
    assert page.text == f"<@U03ONCALL> <!subteam^S01CACHE> {said}"
    assert direct.text == said
    assert buttons(page) == buttons(direct) == [["!Roll back"], ["Stop watching"]]


def test_a_page_says_that_the_bot_rolls_back_where_it_may() -> None:
    shop = CATALOG.apps["shop"].model_copy(update={"auto_rollback": True})
    catalog = Catalog(people=CATALOG.people, apps={"shop": shop})
    page = page_card(watched(SLOW), "8", catalog)
    assert page is not None
    assert page.text.endswith("The bot rolls back by itself: `auto_rollback` is on.")


def test_a_page_of_a_release_that_moved_on_says_where_it_is_and_has_no_button() -> None:
    page = page_card(watched(SLOW, state=ReleaseState.ROLLED_BACK), "8", CATALOG)
    assert page is not None
    assert page.text.endswith("R-42 is rolled back now.")
    assert buttons(page) == []


def test_what_redis_or_a_page_says_is_escaped_in_a_call() -> None:
    nasty = replace(SLOW, evidence="/<!channel>: *bold* <@U0X> failed.")
    page = page_card(watched(nasty), "8", CATALOG)
    assert page is not None
    check_card(page)
    assert "<!channel>" not in str(page)
    assert "<@U0X>" not in str(page)


def test_the_root_card_and_the_end_card_say_that_it_is_and_was_watched() -> None:
    root = root_card(watched(*RECOVERY), CATALOG, name_of)
    check_card(root)
    assert any("watched after the release" in text for text in texts(root.blocks))
    looks = [a_look(number) for number in range(1, 31)]
    end = end_card(watched(*looks, state=ReleaseState.DONE), CATALOG, name_of)
    assert end is not None
    check_card(end)
    assert end.text == (
        "R-42 is done: watched, 30 of 30 looks OK; 1,204 keys purged, it can still be rolled back."
    )


@pytest.mark.parametrize(
    ("values", "most", "drawn"),
    [
        ([0.0, 0.5, 1.0], 1.0, "▁▅█"),
        ([None, 10.0, 20.0], None, "·▅█"),
        ([], None, ""),
        ([0.0, 0.0], None, "▁▁"),
        ([None], 1.0, "·"),
    ],
)
def test_a_bar_for_each_value(values: list[float | None], most: float | None, drawn: str) -> None:
    assert bars(values, most=most) == drawn
