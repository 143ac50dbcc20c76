from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.release.people import Person
from bot.release.records import ActionKind, ActionState, Lock, Story
from bot.release.states import ReleaseState, StepState
from bot.slack.views.home import home_view, told_home
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


PAUSED = a_story(
    planned_step(StepState.ACTING), actions=(a_run(3, ActionState.PAUSED, ActionKind.PURGE),)
)


def home(stories: list[Story], who: str, *locks: Lock) -> list[str]:
    view = home_view(stories, locks, CATALOG, name_of, who=Person(id=who), at=AT)
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
    assert shown[-2].startswith("🔒 *shop production is locked* by @nico")


@pytest.mark.parametrize(
    ("story", "who", "asked"),
    [
        (a_story(a_step(2, StepState.READY)), OLGA, "run it in the thread"),
        (a_story(a_step(2, StepState.READY)), ARI, None),
        (a_story(planned_step()), ARI, "approve it in the thread"),
        (a_story(planned_step(), approvals=(approved(),)), ARI, None),
        (a_story(planned_step(), release=a_release(starter=ARI)), ARI, None),
        (a_story(planned_step()), OLGA, None),
        (PAUSED, ARI, "resume or stop the purge in the thread"),
        (PAUSED, OLGA, None),
        (a_story(a_step(2, StepState.STOPPED)), OLGA, "decide in the thread"),
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
    assert [text for text in shown if "▶️ *You*" in text] == (
        [] if asked is None else [f"{shown[1].rpartition(': ')[0]}: {asked}"]
    )


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
