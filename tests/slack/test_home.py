from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.release.health import Backlog, Health
from bot.release.open_places import PlaceNow, places_now
from bot.release.people import Person
from bot.release.records import ActionKind, ActionState, Lock, Story
from bot.release.states import LIVE, ReleaseState, StepState
from bot.slack.views.home import Around, home_view, told_home
from tests.slack.reading import check_view, texts
from tests.slack.stories import (
    ARI,
    AT,
    CATALOG,
    DANA,
    NICO,
    OLGA,
    a_lock,
    a_release,
    a_rollback,
    a_run,
    a_snapshot,
    a_step,
    a_story,
    approved,
    name_of,
    planned_step,
)


def rolled(state: ActionState, **parts: Any) -> Story:
    return a_story(
        a_step(4, StepState.READY),
        release=a_release(state=ReleaseState.ROLLING_BACK),
        actions=(a_rollback(state, **parts),),
        snapshots=(a_snapshot(),),
        lock=a_lock(),
    )


WHO = Person(id=DANA)
PAUSED = a_story(
    planned_step(StepState.ACTING), actions=(a_run(3, ActionState.PAUSED, ActionKind.PURGE),)
)


def home(stories: list[Story], who: str, *locks: Lock) -> list[str]:
    live = [story.release for story in stories if story.release.state in LIVE]
    view = home_view(
        stories,
        Around(places=places_now(CATALOG, live, locks, AT)),
        CATALOG,
        name_of,
        who=Person(id=who),
        at=AT,
    )
    check_view(view, "home")
    return texts(view)


def test_the_home_tab_lists_what_is_live_what_can_be_undone_and_what_is_locked() -> None:
    live = a_story(a_step(2, StepState.READY))
    done = a_story(release=a_release(id=41, state=ReleaseState.DONE), snapshots=(a_snapshot(),))
    late = replace(done, snapshots=(replace(a_snapshot(), expires_at=AT),))
    shown = [text for text in home([live, done, late], NICO, a_lock()) if "oll back" not in text]
    assert shown[:2] == [
        "1 live release",
        "*R-42* · 2 of 5 · waiting for @olga to run it\n"
        "shop production in <#C01REL>: New price table",
    ]
    assert "1 release can be rolled back" in shown
    assert shown[-2].startswith("🔒 *shop production*: LOCKED by @nico")


@pytest.mark.parametrize(
    ("story", "who", "asked"),
    [
        (a_story(a_step(2, StepState.READY)), OLGA, "run it"),
        (a_story(a_step(2, StepState.READY)), ARI, None),
        (a_story(planned_step()), ARI, "approve it"),
        (a_story(planned_step(), approvals=(approved(),)), ARI, None),
        (a_story(planned_step(), release=a_release(starter=ARI)), ARI, None),
        (a_story(planned_step()), OLGA, None),
        (PAUSED, ARI, "resume or stop the purge"),
        (PAUSED, OLGA, None),
        (a_story(a_step(2, StepState.STOPPED)), OLGA, "decide: run it again, skip it or roll back"),
        (a_story(a_step(2, StepState.STOPPED)), ARI, None),
        (
            a_story(release=a_release(state=ReleaseState.ROLLBACK_FAILED)),
            NICO,
            "roll it back again",
        ),
        (a_story(release=a_release(state=ReleaseState.ROLLBACK_FAILED)), DANA, None),
    ],
)
def test_the_home_tab_begins_with_what_waits_for_its_reader(
    story: Story, who: str, asked: str | None
) -> None:
    shown = home([story], who)
    assert shown[0] == ("1 live release" if asked is None else "1 release waiting for you")
    assert asked is None or shown[1].splitlines()[0].endswith(f"▶️ *You*: {asked}")
    assert [text for text in shown if "▶️ *You*" in text] == ([] if asked is None else [shown[1]])


def test_only_those_who_may_roll_back_get_the_button_at_home() -> None:
    story = a_story(a_step(2, StepState.READY))
    assert ["Roll back" in home([story], who) for who in (NICO, ARI, OLGA, DANA)] == [
        True,
        True,
        True,
        False,
    ]


def test_an_empty_home_tab_is_still_a_home_tab() -> None:
    assert home([], DANA)[0] == "No release is live."
    check_view(told_home("Not allowed."), "home")


@pytest.mark.parametrize(
    ("story", "who", "label"),
    [
        (a_story(a_step(2, StepState.READY)), OLGA, "Run"),
        (a_story(planned_step()), ARI, "Approve purge"),
        (PAUSED, ARI, "Resume"),
        (a_story(a_step(2, StepState.STOPPED)), OLGA, "Run again"),
    ],
)
def test_what_waits_for_its_reader_has_its_button_at_home(
    story: Story, who: str, label: str
) -> None:
    assert label in home([story], who)
    assert label not in home([story], DANA)


def test_at_home_the_end_says_where_one_may_release_and_how_the_bot_is() -> None:
    busy = a_release(id=43)
    places = (
        PlaceNow(app="shop", environment="production", free=("cart",), routes=2, busy=(busy,)),
        PlaceNow(app="shop", environment="staging", free=("cart",), routes=1, busy=()),
        PlaceNow(
            app="blog",
            environment="production",
            free=(),
            routes=1,
            busy=(),
            stopped="frozen",
            until=AT,
            why="Nobody is there.",
        ),
    )
    backlog = Backlog(messages=0, behind_s=0.4, given_up=0, unworked_s=0.0)
    well = Health(workers=2, clock=True, backlog=backlog)
    ill = Health(workers=0, clock=False, backlog=replace(backlog, behind_s=61.2, given_up=2))
    ends = [
        texts(home_view([], Around(places=places, health=health), CATALOG, name_of, who=WHO, at=AT))
        for health in (well, ill)
    ]
    at = int(AT.timestamp())
    assert ends[0][2] == (
        f"❄️ *blog production*: FROZEN until <!date^{at}^{{date_short_pretty}} {{time}}|2026-03-01 14:00 UTC>"
        ": Nobody is there.\n🟡 *shop production*: free: cart; R-43 live\n🟢 *shop staging*: free"
    )
    assert ends[0][3] == "✅ *Health*: 2 workers · clock ticks · messages 0 s behind"
    assert ends[1][3] == (
        "❌ *Health*: NO worker is alive: nothing is worked on; the clock stands still: "
        "no reminders, no expiry; messages are 61 s behind; 2 messages were given up."
    )
