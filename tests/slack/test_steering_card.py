"""The card of a purge that runs or is paused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.release.records import Action, ActionKind, ActionState, Control
from bot.release.states import ReleaseState, StepState
from bot.slack.views.blocks import Card
from bot.slack.views.checklist import step_card
from bot.slack.views.release import root_card
from tests.slack.reading import button, buttons, check_card, texts
from tests.slack.stories import (
    AT,
    CATALOG,
    NICO,
    a_release,
    a_run,
    a_story,
    name_of,
    planned_step,
)

LOOK = {"outcome": "fail", "evidence": "After wave 1: 3 of 3 requests failed, <b>.", "turn": 0}
STEP = planned_step(StepState.ACTING)


def a_purge(state: ActionState = ActionState.RUNNING, **parts: Any) -> Action:
    plain: dict[str, Any] = {
        "progress": {
            "line": "keys taken out (40 %), wave 2 of 3, 120 keys/s, 6 s left",
            "done": 480,
            "total": 1204,
            "so_far": {"taken": 480, "waves": [{"taken": 12, "look": LOOK}]},
        }
    }
    return a_run(3, state, ActionKind.PURGE, **{**plain, **parts})


def drawn(action: Action, **parts: Any) -> Card:
    card = step_card(a_story(STEP, actions=(action,), **parts), STEP, CATALOG, name_of)
    check_card(card)
    return card


def told(by: str, control: Control = Control.PAUSE) -> dict[str, Any]:
    return {"control": control, "control_by": by, "control_at": AT + timedelta(minutes=3)}


def test_a_running_purge_shows_its_wave_and_can_be_paused_and_slowed() -> None:
    card = drawn(a_purge())
    assert buttons(card) == [["Pause", "Slower", "Faster"]]
    assert "wave 2 of 3, 120 keys/s, 6 s left" in "".join(texts(card.blocks))
    assert '"fields":{"pace":"gentle"}' in button(card, "Slower")["value"]
    assert button(card, "Slower")["action_id"] != button(card, "Faster")["action_id"]


def test_the_slowest_and_the_fastest_pace_have_one_way_to_go() -> None:
    assert buttons(drawn(a_purge(pace="gentle"))) == [["Pause", "Faster"]]
    assert buttons(drawn(a_purge(pace="fast"))) == [["Pause", "Slower"]]
    assert "Pace: fast" in texts(drawn(a_purge(pace="fast")).blocks)


def test_a_purge_that_is_paused_says_by_whom_and_offers_to_resume_or_stop() -> None:
    action = a_purge(ActionState.PAUSED, **told(NICO))
    card = drawn(action)
    assert buttons(card) == [["*Resume", "Stop"]]
    assert texts(card.blocks)[0].startswith("⏸️ *3. Purge only the affected route*")
    assert "Paused by @nico" in "".join(texts(card.blocks))
    assert ": 480 keys taken out so far" in texts(card.blocks)
    assert "⚠️ Look" not in texts(card.blocks)
    assert card.text == ("R-42 step 3 is PAUSED, resume or stop it: Purge only the affected route.")
    root = root_card(a_story(STEP, actions=(action,)), CATALOG, name_of)
    assert root.text.startswith("R-42 3 of 5 · purge PAUSED, resume or stop it:")


def test_a_look_that_was_not_well_shows_what_it_saw() -> None:
    card = drawn(a_purge(ActionState.PAUSED, **told("cache-release")))
    shown = texts(card.blocks)
    assert shown[shown.index("⚠️ Look") + 1] == f": {LOOK['evidence']}"
    assert "Paused by the bot: a person decides" in "".join(shown)


def test_a_pause_that_the_worker_has_not_seen_yet_can_be_taken_back_already() -> None:
    assert buttons(drawn(a_purge(**told(NICO)))) == [["*Resume", "Stop"]]
    assert buttons(drawn(a_purge(**told(NICO, Control.STOP)))) == []


def test_a_release_that_is_rolling_back_steers_no_purge() -> None:
    rolling = a_release(state=ReleaseState.ROLLING_BACK)
    assert buttons(drawn(a_purge(), release=rolling)) == []
