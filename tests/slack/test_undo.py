from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.release.records import ActionState, Outcome, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.release import root_card
from tests.slack.reading import button, buttons, texts
from tests.slack.stories import (
    CATALOG,
    a_lock,
    a_release,
    a_rollback,
    a_snapshot,
    a_step,
    a_story,
    name_of,
    planned_step,
)

READY = a_story(a_step(1, StepState.READY))


ROLLING = a_story(
    a_step(4, StepState.READY),
    release=a_release(state=ReleaseState.ROLLING_BACK),
    actions=(a_rollback(ActionState.RUNNING),),
    snapshots=(a_snapshot(),),
)


FAILED = Verdict(outcome=Outcome.FAIL, evidence="It broke.", actual="")


def all_done(state: ReleaseState) -> Story:
    return a_story(
        *(a_step(number, StepState.DONE) for number in range(1, 6)),
        release=a_release(state=state),
        snapshots=(a_snapshot(),),
    )


ROLLED_BACK = replace(
    all_done(ReleaseState.ROLLED_BACK),
    actions=(
        a_rollback(ActionState.DONE, result={"restored": 1204, "expected": 1208, "seconds": 4.12}),
    ),
)


BROKEN = replace(
    all_done(ReleaseState.ROLLBACK_FAILED),
    actions=(
        a_rollback(
            ActionState.FAILED,
            result={
                "failed": "The app's rollback command ended with code 7.",
                "expected": "exit code 0.",
                "retry_is_safe": False,
            },
        ),
    ),
)


def test_after_a_failed_rollback_there_is_a_way_round_the_apps_command() -> None:
    drawn = root_card(BROKEN, CATALOG, name_of)
    assert buttons(drawn) == [["!Roll back again"], ["Put keys back only"]]
    assert json.loads(button(drawn, "Put keys back only")["value"]) == {
        "v": 1,
        "verb": "rollback",
        "release": 42,
        "seen": 7,
        "fields": {"no-deploy": "1"},
    }
    hint = "Without the app's command: `/cache-release rollback R-42 --no-deploy`"
    assert hint in texts(drawn.blocks)


def test_the_way_round_is_not_offered_again_where_it_was_taken() -> None:
    taken = replace(BROKEN.actions[0], args={"cold": False, "deploy": False})
    drawn = root_card(replace(BROKEN, actions=(taken,)), CATALOG, name_of)
    assert buttons(drawn) == [["!Roll back again"]]


@pytest.mark.parametrize(
    ("state", "rows"),
    [
        (ReleaseState.OPEN, [["!Roll back"]]),
        (ReleaseState.DONE, [["!Roll back"]]),
        (ReleaseState.ABANDONED, [["!Roll back"]]),
        (ReleaseState.ROLLBACK_FAILED, [["!Roll back again"]]),
        (ReleaseState.ROLLING_BACK, []),
        (ReleaseState.ROLLED_BACK, []),
    ],
)
def test_roll_back_is_there_alone_exactly_while_it_is_possible(
    state: ReleaseState, rows: list[list[str]]
) -> None:
    assert buttons(root_card(all_done(state), CATALOG, name_of)) == rows


def test_roll_back_is_not_offered_where_it_would_undo_nothing() -> None:
    shop = CATALOG.apps["shop"].model_copy(update={"rollback": None})
    bare = CATALOG.model_copy(update={"apps": {"shop": shop}})
    assert buttons(root_card(READY, bare, name_of)) == []
    purged = replace(READY, snapshots=(a_snapshot(),))
    assert buttons(root_card(purged, bare, name_of)) == [["!Roll back"]]


def test_the_confirmation_counts_what_comes_back_and_until_when() -> None:
    drawn = root_card(all_done(ReleaseState.DONE), CATALOG, name_of)
    asked = button(drawn, "Roll back")["confirm"]
    assert [asked[part]["text"] for part in ("title", "text", "confirm", "deny")] == [
        "Roll back R-42?",
        "Puts back 1,204 keys of products in shop PRODUCTION (possible until 2026-03-08 14:00 UTC). "
        "First runs the app's rollback command. Then the app is locked.",
        "Roll back",
        "Keep release",
    ]


def test_the_confirmation_knows_that_a_running_purge_has_no_count_yet() -> None:
    running = a_story(planned_step(StepState.ACTING), snapshots=(a_snapshot(keys=0),))
    asked = button(root_card(running, CATALOG, name_of), "Roll back")["confirm"]
    assert asked["text"]["text"].startswith("Puts back every key taken out so far of products in")
    assert "The running purge stops." in asked["text"]["text"]


def test_the_button_carries_ids_and_what_was_seen_and_nothing_else() -> None:
    value = json.loads(button(root_card(READY, CATALOG, name_of), "Roll back")["value"])
    assert value == {"v": 1, "verb": "rollback", "release": 42, "seen": 7}


def test_while_rolling_back_the_card_says_who_started_it_and_when() -> None:
    assert (
        "⏳ *Rolling back* · started by @nico "
        "<!date^1772374020^{date_short_pretty} {time}|2026-03-01 14:07 UTC>"
    ) in texts(root_card(ROLLING, CATALOG, name_of).blocks)


def test_a_lock_is_shown_with_its_reason() -> None:
    locked = replace(READY, lock=a_lock("checkout <is> down"))
    assert (
        "🔒 *shop production is locked* by @nico "
        "<!date^1772373600^{date_short_pretty} {time}|2026-03-01 14:00 UTC>: "
        "checkout &lt;is&gt; down\nUnlock: `/cache-release unlock shop`"
    ) in texts(root_card(locked, CATALOG, name_of).blocks)
