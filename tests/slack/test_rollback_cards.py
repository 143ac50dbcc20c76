from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.release.records import ActionState, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.blocks import Card
from bot.slack.views.rollback import counts, end_card, rollback_card
from tests.slack.reading import buttons, check_card, texts
from tests.slack.stories import (
    CATALOG,
    PASSED,
    a_lock,
    a_release,
    a_rollback,
    a_snapshot,
    a_step,
    a_story,
    name_of,
)

RESULT = {
    "restored": 1204,
    "kept_fresher": 3,
    "expired": 1,
    "failed": 0,
    "expected": 1208,
    "seconds": 4.12,
    "purged_new": 12,
    "verified": 1204,
    "hook": "ran --to v1",
    "forward_snapshot": "r42-forward-1",
}


FAILURE = {
    "code": "redis_unreachable",
    "failed": "Redis <b> does not answer.",
    "expected": "a server that <@U03ONCALL> knows.",
    "retry_is_safe": True,
}


COUNTS = (
    "1,204 of 1,208 keys put back as they were\n"
    "3 keys kept: the app wrote something fresher\n"
    "1 key expired meanwhile and stayed gone\n"
    "12 keys of the new release taken out\n"
    "Deploy command ran: --to v1"
)


def rolled(state: ActionState, **parts: Any) -> Story:
    return a_story(
        a_step(4, StepState.READY),
        release=a_release(state=ReleaseState.ROLLING_BACK),
        actions=(a_rollback(state, **parts),),
        snapshots=(a_snapshot(),),
        lock=a_lock(),
    )


def checked(card: Card | None) -> Card:
    assert card is not None
    check_card(card)
    return card


@pytest.mark.parametrize(
    ("phase", "signs"),
    [
        ("deploy", "▶⚪⚪⚪⚪"),
        ("purge", "✅▶⚪⚪⚪"),
        ("restore", "✅✅▶⚪⚪"),
        ("verify", "✅✅✅▶⚪"),
        ("", "⚪⚪⚪⚪⚪"),
    ],
)
def test_a_running_rollback_shows_its_phases(phase: str, signs: str) -> None:
    running = rolled(ActionState.RUNNING, progress={"phase": phase, "line": "keys put back"})
    shown = texts(checked(rollback_card(running, name_of)).blocks)
    lines = next(text for text in shown if "Lock the app" in text).splitlines()
    assert "".join(line[0] for line in lines) == signs


def test_a_running_rollback_counts_in_its_notification() -> None:
    progress = {"phase": "restore", "line": "keys put back", "done": 602, "total": 1204}
    card = checked(rollback_card(rolled(ActionState.RUNNING, progress=progress), name_of))
    assert card.text == "R-42 is rolling back: ▓▓▓▓▓░░░░░ 602 of 1,204 keys put back."


def test_a_rollback_card_shows_the_command_that_works_without_the_bot() -> None:
    command = "zstd -dc snapshots/r42/*.zst | redis-cli --pipe"
    proved = Verdict(
        outcome=PASSED.outcome, evidence="", actual="", numbers={"snapshot": {"command": command}}
    )
    story = rolled(ActionState.RUNNING)
    story = replace(story, steps=(*story.steps[:4], replace(story.steps[4], verdict=proved)))
    assert command in texts(checked(rollback_card(story, name_of)).blocks)


def test_the_end_is_said_with_its_counts_and_seconds() -> None:
    card = checked(end_card(rolled(ActionState.DONE, result=RESULT), CATALOG, name_of))
    assert card.text == "R-42 rolled back: 1,204 of 1,208 restored in 4.1 s."
    assert texts(card.blocks) == [
        "↩️ *R-42 rolled back: 1,204 of 1,208 restored in 4.1 s.*",
        COUNTS,
        "🔒 *shop production is locked* by @nico <!date^1772373600^{date_short_pretty} {time}|"
        "2026-03-01 14:00 UTC>: R-42 was rolled back\nUnlock: `/cache-release unlock shop`",
    ]


def test_a_rollback_without_keys_says_so() -> None:
    empty = {**RESULT, "restored": 0, "expected": 0}
    card = checked(end_card(rolled(ActionState.DONE, result=empty), CATALOG, name_of))
    assert card.text == "R-42 rolled back in 4.1 s: there was no key to put back."


@pytest.mark.parametrize(
    ("state", "word"),
    [(ActionState.FAILED, "FAILED"), (ActionState.UNKNOWN, "has an unknown outcome")],
)
def test_a_broken_rollback_says_what_stands_and_whether_to_retry(
    state: ActionState, word: str
) -> None:
    story = rolled(state, result=FAILURE, progress={"so_far": RESULT})
    card = checked(end_card(story, CATALOG, name_of))
    assert card.text == f"R-42 rollback {word}: Redis &lt;b&gt; does not answer."
    assert texts(card.blocks)[:3] == [
        "❌ *R-42 rollback FAILED*\nRedis &lt;b&gt; does not answer.",
        COUNTS,
        "*Expected*: a server that <@U03ONCALL> knows.\nRetry is safe.",
    ]


def test_the_phase_in_which_a_rollback_broke_is_marked() -> None:
    broken = rolled(ActionState.FAILED, result=FAILURE, progress={"phase": "restore"})
    shown = texts(checked(rollback_card(broken, name_of)).blocks)
    assert shown[0] == "❌ *R-42 rollback FAILED*\nRedis &lt;b&gt; does not answer."
    assert "".join(line[0] for line in shown[1].splitlines()) == "✅✅❌⚪⚪"


def test_where_a_failed_rollback_is_told_it_can_be_tried_again() -> None:
    story = rolled(ActionState.FAILED, result=FAILURE)
    story = replace(story, release=a_release(state=ReleaseState.ROLLBACK_FAILED))
    card = checked(end_card(story, CATALOG, name_of))
    assert buttons(card) == [["!Roll back again"], ["Put keys back only"]]


@pytest.mark.parametrize(
    ("deploy", "line"),
    [(False, "The app's version was left as it is"), (True, "No deploy command was run")],
)
def test_a_rollback_that_ran_no_deploy_command_says_so(deploy: bool, line: str) -> None:
    done = a_rollback(ActionState.DONE, result={**RESULT, "hook": "none"})
    assert counts(replace(done, args={"deploy": deploy}))[-1] == line


def test_there_is_no_end_before_the_end() -> None:
    assert end_card(rolled(ActionState.RUNNING), CATALOG, name_of) is None
    assert rollback_card(a_story(), name_of) is None


def test_a_release_that_ended_well_says_that_it_can_be_undone() -> None:
    done = a_story(release=a_release(state=ReleaseState.DONE), snapshots=(a_snapshot(),))
    card = checked(end_card(done, CATALOG, name_of))
    assert card.text == "R-42 is done: 1,204 keys purged, it can still be rolled back."
