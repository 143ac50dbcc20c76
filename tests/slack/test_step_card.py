from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from bot.release.plan import PatternCount, Plan, TtlSpread
from bot.release.records import ActionKind, ActionState, Outcome, StepLine, Story, Verdict
from bot.release.states import ReleaseState, StepState
from bot.slack.views.blocks import Card
from bot.slack.views.checklist import step_card
from tests.slack.reading import button, buttons, check_card, texts
from tests.slack.stories import (
    CATALOG,
    FAILED,
    NICO,
    PASSED,
    PLAN,
    a_release,
    a_run,
    a_step,
    a_story,
    approved,
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
            [["*Approve", "Run again"], ["Skip", "Hand over"]],
        ),
        (
            a_step(2, StepState.JUDGED, verdict=UNSURE),
            [["*Approve", "Run again"], ["Skip", "Hand over"]],
        ),
        (a_step(2, StepState.JUDGED, verdict=FAILED), [["*Run again", "Skip", "Hand over"]]),
        (planned_step(), [["*Approve purge", "Run again"], ["Skip", "Hand over"]]),
        (planned_step(StepState.ACTING), []),
        (a_step(2, StepState.STOPPED, verdict=FAILED), [["*Run again", "Skip", "Hand over"]]),
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
            "R-42 step 1 of 5 waiting for @olga to run it: Inspect cache headers.",
        ),
        (
            a_step(1, StepState.JUDGED, verdict=PASSED),
            "R-42 step 1 of 5 pass, All 2 pages follow the rules.",
        ),
        (
            a_step(1, StepState.JUDGED, verdict=FAILED),
            "R-42 step 1 of 5 fail, A page is private.",
        ),
        (
            planned_step(StepState.ACTING),
            "R-42 step 3 of 5 purging: Purge only the affected route.",
        ),
    ],
)
def test_the_notification_is_one_sentence(step: StepLine, text: str) -> None:
    assert drawn(step).text == text


def test_expected_measured_and_rollback_note_stand_in_one_block() -> None:
    (line,) = [
        block
        for block in drawn(a_step(1, StepState.JUDGED, verdict=PASSED)).blocks
        if block["type"] == "rich_text"
    ]
    assert "".join(texts(line)) == (
        "Expected: Nothing surprising.\nMeasured:  H1 pass\nH2 pass"
        "✅ Pass: All 2 pages follow the rules.\nRollback note: Press Roll back."
    )


def test_before_a_run_nothing_was_measured() -> None:
    assert "".join(texts(drawn(a_step(1, StepState.READY)).blocks)).startswith(
        "▶ *1. Inspect cache headers*\n*Owner*: @olga · ready to run"
        "Expected: Nothing surprising.\nMeasured: nothing yet\nRollback note: Press Roll back."
    )


def test_a_plan_is_a_table_with_its_neighbours_and_its_hash() -> None:
    shown = texts(drawn(planned_step()).blocks)
    assert "1,204 keys, 3.1 MB, of 20,000 in the database" in shown
    assert (
        "anp:page:/products*\n"
        "  1,204 keys, 3.1 MB\n"
        "  expiry: 1,200 under 1 h, 4 never\n"
        "  e.g. anp:page:/products\n"
        "  e.g. anp:page:/products?page=2"
    ) in shown
    assert shown[shown.index("⚠ Also takes neighbours: ") + 1] == "anp:page:/products-old"
    assert (
        "0 of 1 approved. May approve: <@U02APPROVER>, <!subteam^S01CACHE>\n"
        f"An approval binds to plan {PLAN.hash[:12]}"
    ) in shown


def test_a_plan_of_many_patterns_is_cut_with_a_count_and_still_fits() -> None:
    rows = tuple(
        PatternCount(
            pattern=f"anp:page:/{number}/{'x' * 150}*",
            keys=10**6,
            bytes=10**9,
            ttl=TtlSpread(no_expiry=1, under_minute=2, under_hour=3, under_day=4, longer=5),
            sample=tuple(f"anp:{'k' * 400}{part}" for part in range(20)),
            neighbours=tuple(f"anp:page:/{number}{'n' * 300}{part}" for part in range(30)),
        )
        for number in range(60)
    )
    plan = Plan(
        app="shop", environment="production", routes=("r",), patterns=rows, database_keys=10**9
    )
    step = replace(planned_step(), plan=asdict(plan), plan_hash=plan.hash)
    table = next(text for text in texts(drawn(step).blocks) if text.startswith("anp:page:/0/"))
    assert len(table) <= 2500
    assert table.splitlines()[-1].endswith(" more")


def test_what_was_measured_in_thousands_of_lines_is_cut_with_a_count() -> None:
    noisy = replace(PASSED, actual="\n".join(f"line {n}" for n in range(5000)), evidence="e" * 5000)
    shown = drawn(a_step(1, StepState.JUDGED, verdict=noisy, expected="x" * 9000))
    kept = next(text for text in texts(shown.blocks) if text.startswith("line 0\n"))
    lines = kept.splitlines()
    assert lines[-1] == f"… {5000 - (len(lines) - 1):,} more"


def test_a_running_step_shows_how_far_the_newest_work_is() -> None:
    action = a_run(
        3,
        ActionState.RUNNING,
        ActionKind.PURGE,
        progress={"phase": "purge", "line": "keys taken out", "done": 480, "total": 1204},
    )
    older = replace(action, key="run", kind=ActionKind.RUN_STEP, asked_at=action.asked_at.min)
    older = replace(older, asked_at=action.asked_at.replace(hour=13), progress={"line": "old"})
    shown = texts(drawn(planned_step(StepState.ACTING), actions=(action, older)).blocks)
    assert (
        "⏳ ▓▓▓░░░░░░░ 480 of 1,204 keys taken out, started by @olga "
        "<!date^1772373660^{date_short_pretty} {time}|2026-03-01 14:01 UTC>"
    ) in shown


def test_an_accepted_step_says_that_it_waits_for_a_worker() -> None:
    waiting = a_run(2, ActionState.ACCEPTED, ActionKind.RUN_STEP)
    shown = texts(drawn(a_step(2, StepState.RUNNING), actions=(waiting,)).blocks)
    assert any(text.startswith("⏳ Waiting for a worker, started by @olga") for text in shown)


def test_approvals_so_far_are_counted_and_named_and_old_plans_do_not_count() -> None:
    two = CATALOG.apps["shop"].model_copy(update={"approvals": 2})
    catalog = CATALOG.model_copy(update={"apps": {"shop": two}})
    story = a_story(
        planned_step(), approvals=(approved(), approved(NICO, plan_hash="an older plan"))
    )
    shown = texts(step_card(story, story.steps[2], catalog, name_of).blocks)
    assert (
        "1 of 2 approved. May approve: <@U02APPROVER>, <!subteam^S01CACHE>\n"
        f"An approval binds to plan {PLAN.hash[:12]}\n"
        "Approved by @ari <!date^1772373900^{date_short_pretty} {time}|2026-03-01 14:05 UTC>"
    ) in shown


def test_the_starter_is_not_among_those_who_may_approve() -> None:
    mine = a_release(starter="U02APPROVER")
    shown = texts(drawn(planned_step(), release=mine).blocks)
    assert any(t.startswith("0 of 1 approved. May approve: <!subteam^S01CACHE>\n") for t in shown)


def test_a_done_step_says_who_approved_it() -> None:
    shown = texts(drawn(planned_step(StepState.DONE), approvals=(approved(),)).blocks)
    assert shown[-1].startswith("Approved by @ari <!date^1772373900^")


def test_a_skipped_step_shows_why() -> None:
    shown = texts(drawn(a_step(2, StepState.SKIPPED, reason="no <accounts> here")).blocks)
    assert shown[-1] == "Skipped: no &lt;accounts&gt; here"


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
