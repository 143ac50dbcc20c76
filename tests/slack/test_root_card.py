from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.release.records import ActionState, Outcome, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.release import root_card
from tests.slack.reading import button, buttons, check_card, texts
from tests.slack.stories import (
    ARI,
    AT,
    CATALOG,
    OLGA,
    PASSED,
    a_lock,
    a_release,
    a_rollback,
    a_snapshot,
    a_step,
    a_story,
    approved,
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


@pytest.mark.parametrize(
    ("story", "text"),
    [
        (READY, "R-42 1 of 5 · waiting for @olga to run it"),
        (a_story(a_step(2, StepState.RUNNING)), "R-42 2 of 5 · being looked at"),
        (a_story(planned_step()), "R-42 3 of 5 · waiting for approval"),
        (
            a_story(a_step(1, StepState.JUDGED, verdict=PASSED)),
            "R-42 1 of 5 · waiting for approval",
        ),
        (
            a_story(a_step(1, StepState.JUDGED, verdict=FAILED)),
            "R-42 1 of 5 · failed, @olga decides",
        ),
        (a_story(planned_step(StepState.ACTING)), "R-42 3 of 5 · purging"),
        (a_story(a_step(3, StepState.STOPPED)), "R-42 3 of 5 · stopped, @olga decides"),
        (ROLLING, "R-42 3 of 5 · rolling back"),
        (all_done(ReleaseState.DONE), "R-42 5 of 5 · done"),
        (all_done(ReleaseState.ABANDONED), "R-42 5 of 5 · abandoned"),
        (all_done(ReleaseState.ROLLED_BACK), "R-42 5 of 5 · rolled back"),
        (all_done(ReleaseState.ROLLBACK_FAILED), "R-42 5 of 5 · rollback failed"),
    ],
)
def test_the_notification_says_first_how_far_and_what_is_waited_for(
    story: Story, text: str
) -> None:
    drawn = root_card(story, CATALOG, name_of)
    assert drawn.text == f"{text}: shop production, New price table."
    check_card(drawn)


def test_the_headline_names_release_app_and_place() -> None:
    assert texts(root_card(READY, CATALOG, name_of).blocks)[0] == "R-42 · shop · PRODUCTION"


def test_the_fields_are_owner_scope_state_and_steps() -> None:
    assert texts(root_card(READY, CATALOG, name_of).blocks)[2:7] == [
        "*Owner*\n@olga",
        "*Scope*\nproducts\n`anp:page:/products*`",
        "*State*\nOpen",
        "*Steps*\n1 of 5 · waiting for @olga to run it",
        "*Next*: step 1, Inspect cache headers: waiting for @olga to run it\n"
        "*Expected*: Nothing surprising.",
    ]


def test_an_owner_is_called_unless_they_started_it_themselves() -> None:
    theirs = a_story(a_step(1, StepState.READY), release=a_release(owner=ARI))
    assert "*Owner*\n<@U02APPROVER>" in texts(root_card(theirs, CATALOG, name_of).blocks)
    assert f"<@{OLGA}>" not in json.dumps(root_card(READY, CATALOG, name_of).blocks)


@pytest.mark.parametrize(
    ("state", "rows"),
    [
        (ReleaseState.OPEN, [["!Roll back"]]),
        (ReleaseState.DONE, [["!Roll back"]]),
        (ReleaseState.ABANDONED, [["!Roll back"]]),
        (ReleaseState.ROLLBACK_FAILED, [["!Roll back"]]),
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
        "shop PRODUCTION, products: Runs the app's rollback command. Puts back 1,204 keys, "
        "possible until 2026-03-08 14:00 UTC. A running purge stops. Then the app is locked.",
        "Roll back",
        "Keep release",
    ]


def test_the_confirmation_knows_that_a_running_purge_has_no_count_yet() -> None:
    running = a_story(planned_step(StepState.ACTING), snapshots=(a_snapshot(keys=0),))
    asked = button(root_card(running, CATALOG, name_of), "Roll back")["confirm"]
    assert "Puts back every key taken out so far, possible until" in asked["text"]["text"]


def test_the_button_carries_ids_and_what_was_seen_and_nothing_else() -> None:
    value = json.loads(button(root_card(READY, CATALOG, name_of), "Roll back")["value"])
    assert value == {"v": 1, "verb": "rollback", "release": 42, "seen": 7}


def test_while_rolling_back_the_card_says_who_started_it_and_when() -> None:
    assert (
        "⏳ *Rolling back*, started by @nico "
        "<!date^1772374020^{date_short_pretty} {time}|2026-03-01 14:07 UTC>"
    ) in texts(root_card(ROLLING, CATALOG, name_of).blocks)


def test_a_lock_is_shown_with_its_reason() -> None:
    locked = replace(READY, lock=a_lock("checkout <is> down"))
    assert (
        "🔒 *shop production is locked* by @nico "
        "<!date^1772373600^{date_short_pretty} {time}|2026-03-01 14:00 UTC>: "
        "checkout &lt;is&gt; down"
    ) in texts(root_card(locked, CATALOG, name_of).blocks)


def test_the_small_print_says_what_a_person_did_last() -> None:
    last = texts(
        root_card(a_story(planned_step(), approvals=(approved(),)), CATALOG, name_of).blocks
    )
    at = int((AT + timedelta(minutes=5)).timestamp())
    assert last[-1] == (
        f"Step 3 approved by @ari <!date^{at}^{{date_short_pretty}} {{time}}|"
        "2026-03-01 14:05 UTC> · R-42"
    )


def test_a_release_whose_app_or_route_left_the_catalog_is_still_drawn() -> None:
    gone = a_story(a_step(1, StepState.READY), release=a_release(app="gone"))
    check_card(root_card(gone, CATALOG, name_of))
    renamed = a_story(a_step(1, StepState.READY), release=a_release(routes=("old",)))
    assert "*Scope*\nold" in texts(root_card(renamed, CATALOG, name_of).blocks)
