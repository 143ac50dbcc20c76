from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.release.records import Outcome, StepLine, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.blocks import Card
from bot.slack.views.checklist import step_card
from tests.slack.reading import button, buttons, check_card, texts
from tests.slack.stories import (
    CATALOG,
    FAILED,
    PASSED,
    a_release,
    a_step,
    a_story,
    name_of,
    planned_step,
)


def drawn(step: StepLine, **parts: Any) -> Card:
    story: Story = a_story(step, **parts)
    card = step_card(story, step, CATALOG, name_of)
    check_card(card)
    return card


UNSURE = Verdict(outcome=Outcome.UNSURE, evidence="Too noisy.", actual="p95 171 ms")


@pytest.mark.parametrize(
    ("step", "rows"),
    [
        (a_step(2), []),
        (a_step(2, StepState.READY), [["*Run", "Skip", "Hand over"]]),
        (a_step(2, StepState.RUNNING), []),
        (
            a_step(2, StepState.JUDGED, verdict=PASSED),
            [["*Approve", "Reject", "Run again"], ["Skip", "Hand over"]],
        ),
        (
            a_step(2, StepState.JUDGED, verdict=UNSURE),
            [["*Approve", "Reject", "Run again"], ["Skip", "Hand over"]],
        ),
        (
            a_step(2, StepState.JUDGED, verdict=FAILED),
            [["*Run again", "Skip", "Hand over"], ["!Roll back"]],
        ),
        (planned_step(), [["*Approve purge", "Reject", "Run again"], ["Skip", "Hand over"]]),
        (planned_step(StepState.ACTING), []),
        (
            a_step(2, StepState.STOPPED, verdict=FAILED),
            [["*Run again", "Skip", "Hand over"], ["!Roll back"]],
        ),
        (a_step(2, StepState.DONE, verdict=PASSED), []),
        (a_step(2, StepState.SKIPPED, reason="no"), []),
    ],
)
def test_each_state_offers_exactly_what_can_be_done(step: StepLine, rows: list[list[str]]) -> None:
    assert buttons(drawn(step)) == rows


def test_a_release_that_is_not_open_offers_nothing() -> None:
    closed = a_release(state=ReleaseState.ROLLING_BACK)
    assert buttons(drawn(a_step(2, StepState.READY), release=closed)) == []


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (
            a_step(1, StepState.READY),
            "R-42 step 1 waiting for @olga to run it: Inspect cache headers.",
        ),
        (
            a_step(1, StepState.JUDGED, verdict=PASSED),
            "R-42 step 1 passed: All 2 pages follow the rules.",
        ),
        (
            a_step(1, StepState.JUDGED, verdict=FAILED),
            "R-42 step 1 FAILED: A page is private.",
        ),
        (
            a_step(1, StepState.STOPPED, verdict=FAILED),
            "R-42 step 1 STOPPED: A page is private.",
        ),
        (planned_step(), "R-42 step 3 is unsure: 1,204 keys match."),
        (
            a_step(2, StepState.SKIPPED, verdict=FAILED, reason="it is <known>"),
            "R-42 step 2 skipped: it is &lt;known&gt;.",
        ),
        (
            planned_step(StepState.ACTING),
            "R-42 step 3 purging: Purge only the affected route.",
        ),
    ],
)
def test_the_notification_is_one_sentence(step: StepLine, text: str) -> None:
    assert drawn(step).text == text


def test_expected_measured_and_rollback_note_stand_in_one_block() -> None:
    news, line = [
        block
        for block in drawn(a_step(1, StepState.JUDGED, verdict=PASSED)).blocks
        if block["type"] == "rich_text"
    ]
    assert "".join(texts(news)) == "✅ Pass: All 2 pages follow the rules."
    assert "".join(texts(line)) == (
        "Expected: Nothing surprising.\nMeasured: H1 pass\nH2 passRollback note: Press Roll back."
    )


def test_a_single_line_that_was_measured_stands_beside_its_label() -> None:
    shown = drawn(a_step(4, StepState.JUDGED, verdict=UNSURE)).blocks
    assert "Measured: p95 171 ms\n" in "".join(texts(shown))


def test_a_step_before_its_turn_takes_two_lines() -> None:
    long = "No page is slower than before the purge; products p95 within 300 ms."
    assert texts(drawn(a_step(4, expected=long)).blocks) == [
        "⚪ *4. Measure response time*",
        "Waiting · @olga · expected: No page is slower than before the purge; products p95…",
    ]


def test_a_step_that_was_stopped_says_what_is_needed_and_names_people_without_calling_them() -> (
    None
):
    verdict = Verdict(
        outcome=Outcome.FAIL,
        evidence="Not purged: the app is locked by <@U03ONCALL>: checkout is down",
        actual="Expected: an unlocked app. Retry is safe.",
    )
    shown = "".join(texts(drawn(a_step(3, StepState.STOPPED, verdict=verdict)).blocks))
    assert "❌ FAIL: Not purged: the app is locked by @nico: checkout is down" in shown
    assert "Measured: it did not come to an end\nNeeded: an unlocked app. Retry is safe.\n" in shown


@pytest.mark.parametrize(
    ("state", "word"),
    [(StepState.READY, "Not run"), (StepState.WAITING, "Not run")],
)
def test_after_the_end_a_step_that_was_never_run_says_so(state: StepState, word: str) -> None:
    over = a_release(state=ReleaseState.ROLLED_BACK)
    shown = texts(drawn(a_step(5, state), release=over).blocks)
    assert shown[1] == f"{word} · @olga · expected: Nothing surprising."


def test_before_a_run_nothing_was_measured() -> None:
    assert "".join(texts(drawn(a_step(1, StepState.READY)).blocks)).startswith(
        "▶️ *1. Inspect cache headers*\n*Owner*: @olga · ready to run"
        "Expected: Nothing surprising.\nMeasured: nothing yet\nRollback note: Press Roll back."
    )


def test_what_was_measured_in_thousands_of_lines_is_cut_with_a_count() -> None:
    noisy = replace(PASSED, actual="\n".join(f"line {n}" for n in range(5000)), evidence="e" * 5000)
    shown = drawn(a_step(1, StepState.JUDGED, verdict=noisy, expected="x" * 9000))
    kept = next(text for text in texts(shown.blocks) if text.startswith("line 0\n"))
    lines = kept.splitlines()
    assert lines[-1] == f"… {5000 - (len(lines) - 1):,} more"


def test_the_buttons_carry_the_steps_version() -> None:
    card = drawn(a_step(2, StepState.READY, version=9))
    assert json.loads(button(card, "Run")["value"]) == {
        "v": 1,
        "verb": "run",
        "release": 42,
        "step": 2,
        "seen": 9,
    }
    assert button(card, "Run")["accessibility_label"] == "Run step 2: Test logged-in traffic"
