from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.release.records import ActionState, Outcome, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.release import root_card
from tests.slack.reading import check_card, texts
from tests.slack.stories import (
    ARI,
    AT,
    CATALOG,
    OLGA,
    PASSED,
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


@pytest.mark.parametrize(
    ("story", "text"),
    [
        (READY, "R-42 1 of 5 · waiting for @olga to run it"),
        (a_story(a_step(2, StepState.RUNNING)), "R-42 2 of 5 · running"),
        (
            a_story(planned_step()),
            "R-42 3 of 5 · waiting for approval by @ari or <!subteam^S01CACHE>",
        ),
        (
            a_story(a_step(1, StepState.JUDGED, verdict=PASSED)),
            "R-42 1 of 5 · waiting for approval by @ari or <!subteam^S01CACHE>",
        ),
        (
            a_story(a_step(1, StepState.JUDGED, verdict=FAILED)),
            "R-42 1 of 5 · FAILED, @olga decides",
        ),
        (a_story(planned_step(StepState.ACTING)), "R-42 3 of 5 · purging"),
        (a_story(a_step(3, StepState.STOPPED)), "R-42 3 of 5 · STOPPED, @olga decides"),
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


def test_title_state_owner_and_scope_follow_in_a_few_lines() -> None:
    assert texts(root_card(READY, CATALOG, name_of).blocks)[1:4] == [
        "New price table",
        "▶️ *1 of 5* · Inspect cache headers · waiting for @olga to run it",
        "*Owner*: @olga · *On call*: @nico\n*Scope*: products `anp:page:/products*`\n"
        "*Expected*: Nothing surprising.\n*Rollback note*: Press Roll back.",
    ]


@pytest.mark.parametrize(
    ("story", "state"),
    [
        (
            a_story(a_step(2, StepState.JUDGED, verdict=PASSED)),
            "✋ *2 of 5* · Test logged-in traffic · waiting for approval by @ari or <!subteam^S01CACHE>\n"
            "✅ Pass: All 2 pages follow the rules.",
        ),
        (
            a_story(planned_step()),
            "⚠️ *3 of 5* · Purge only the affected route · waiting for approval by @ari or <!subteam^S01CACHE>\n"
            "⚠️ Unsure: 1,204 keys match.",
        ),
        (
            a_story(a_step(2, StepState.JUDGED, verdict=FAILED)),
            "❌ *2 of 5 FAILED* · Test logged-in traffic · @olga decides\nIt broke.",
        ),
        (
            a_story(a_step(3, StepState.STOPPED, verdict=FAILED)),
            "❌ *3 of 5 STOPPED* · Purge only the affected route · @olga decides\nIt broke.",
        ),
        (
            all_done(ReleaseState.DONE),
            "✅ *Done* · 5 of 5\n1,204 keys purged, can be put back until "
            "<!date^1772978400^{date_short_pretty} {time}|2026-03-08 14:00 UTC>",
        ),
        (
            a_story(a_step(2, StepState.READY), release=a_release(state=ReleaseState.ABANDONED)),
            "⏹️ *Abandoned* · 1 of 5, nothing was undone\nNo key was purged.",
        ),
        (ROLLED_BACK, "↩️ *Rolled back* · 1,204 of 1,208 keys put back in 4.1 s"),
        (
            BROKEN,
            "❌ *Rollback FAILED*\nThe app's rollback command ended with code 7.\n"
            "*Do not retry before looking.*",
        ),
    ],
)
def test_the_card_tells_the_news_below_where_it_stands(story: Story, state: str) -> None:
    drawn = root_card(story, CATALOG, name_of)
    check_card(drawn)
    assert texts(drawn.blocks)[2] == state


def test_what_people_wrote_is_shown_and_never_read_as_style() -> None:
    named = a_release(title="*Bold* `code` <b>")
    judged = replace(PASSED, evidence="*all* `good`, says <@U03ONCALL>")
    story = a_story(a_step(1, StepState.JUDGED, verdict=judged), release=named)
    shown = texts(root_card(story, CATALOG, name_of).blocks)
    assert shown[1] == "*Bold* `code` <b>"
    assert shown[2].endswith("\n✅ Pass: all 'good', says @nico")


def test_an_owner_is_called_unless_they_started_it_themselves() -> None:
    theirs = a_story(a_step(1, StepState.READY), release=a_release(owner=ARI))
    assert texts(root_card(theirs, CATALOG, name_of).blocks)[3].startswith(
        "*Owner*: <@U02APPROVER>"
    )
    assert f"<@{OLGA}>" not in json.dumps(root_card(READY, CATALOG, name_of).blocks)


def test_the_small_print_says_what_a_person_did_last() -> None:
    last = texts(
        root_card(a_story(planned_step(), approvals=(approved(),)), CATALOG, name_of).blocks
    )
    at = int((AT + timedelta(minutes=5)).timestamp())
    assert last[-1] == (
        f"Step 3 approved by @ari <!date^{at}^{{date_short_pretty}} {{time}}|2026-03-01 14:05 UTC>"
    )


def test_a_release_whose_app_or_route_left_the_catalog_is_still_drawn() -> None:
    gone = a_story(a_step(1, StepState.READY), release=a_release(app="gone"))
    check_card(root_card(gone, CATALOG, name_of))
    renamed = a_story(a_step(1, StepState.READY), release=a_release(routes=("old",)))
    drawn = texts(root_card(renamed, CATALOG, name_of).blocks)
    assert any(text.splitlines()[1:2] == ["*Scope*: old"] for text in drawn)


@pytest.mark.parametrize(
    ("story", "scope"),
    [
        (a_story(planned_step()), "*Scope*: products `anp:page:/products*` · 1,204 keys planned"),
        (
            a_story(planned_step(StepState.ACTING), snapshots=(a_snapshot(),)),
            "*Scope*: products `anp:page:/products*` · 1,204 keys taken",
        ),
    ],
)
def test_the_scope_says_how_many_keys_once_that_is_known(story: Story, scope: str) -> None:
    drawn = texts(root_card(story, CATALOG, name_of).blocks)
    assert any(text.splitlines()[1:2] == [scope] for text in drawn)
