from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from bot.release.forecast import Forecast
from bot.release.plan import BigKey, Group, PatternCount, Plan, TtlSpread
from bot.release.records import ActionKind, ActionState, StepLine, Story
from bot.release.states import StepState
from bot.slack.views.blocks import Card
from bot.slack.views.checklist import step_card
from tests.slack.reading import check_card, texts
from tests.slack.stories import (
    CATALOG,
    FAILED,
    NICO,
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


def test_a_step_that_failed_is_loud_and_cannot_be_approved() -> None:
    shown = drawn(a_step(2, StepState.JUDGED, verdict=FAILED))
    assert texts(shown.blocks)[:3] == [
        "❌ *2. Test logged-in traffic*\n*Owner*: @olga · *FAILED*",
        "❌ FAIL",
        ": A page is private.",
    ]
    loud = shown.blocks[1]["elements"][0]["elements"]
    assert [element["style"] for element in loud] == [{"bold": True}] * 2
    assert "May approve" not in json.dumps(shown.blocks)


def test_a_plan_is_a_table_with_its_neighbours_and_its_hash() -> None:
    shown = texts(drawn(planned_step()).blocks)
    assert ": 1,204 of 20,000 keys (6.0 %), 3.1 MB" in shown
    assert shown[shown.index("Expiry") + 1] == ": 1,200 <1 h, 4 none"
    assert (
        "anp:page:/products*\n"
        "  1,204 keys, 3.1 MB\n"
        "  e.g. anp:page:/products\n"
        "  e.g. anp:page:/products?page=2"
    ) in shown
    assert shown[shown.index("⚠️ Also takes neighbours") + 1] == ": anp:page:/products-old"
    assert (
        f"0 of 1 approved plan {PLAN.hash[:12]}. May approve: <@U02APPROVER>, <!subteam^S01CACHE>"
    ) in shown


def test_the_warnings_and_the_refill_stand_before_the_table() -> None:
    row = replace(
        PLAN.patterns[0],
        measured=400,
        bytes_error=90_000,
        types=(Group(name="string", keys=1200), Group(name="hash", keys=4)),
        biggest=(BigKey(name="anp:page:/products/all", bytes=2_100_000, type="hash"),),
        parts=(
            Group(name="anp:page:/products/#", keys=1201),
            Group(name="anp:page:/products/jobs", keys=3),
        ),
        rare=(Group(name="anp:page:/products/jobs", keys=3),),
        overlaps=(Group(name="cart", keys=1),),
        alike=(Group(name="anp:page:/products/jobs", keys=3),),
        neighbours=(),
    )
    plan = replace(
        PLAN,
        patterns=(row,),
        forecast=Forecast(
            keys=1204, bytes=3_100_000, hit_rate=0.93, cold_per_s=31.0, minutes_to_warm=1.94
        ),
        source="Counted on the replica.",
    )
    step = replace(planned_step(), plan=asdict(plan), plan_hash=plan.hash)
    shown = texts(drawn(step).blocks)
    first = shown.index("Measured")
    told = [text for text in shown[first:] if text != "\n"]
    assert told[:14] == [
        "Measured",
        ": 1,204 of 20,000 keys (6.0 %), 3.1 MB ± 90.0 KB",
        "Expiry",
        ": 1,200 <1 h, 4 none",
        "⚠️ Also in other routes",
        ": cart 1 key",
        "⚠️ Sessions, locks, queues?",
        ": anp:page:/products/jobs 3 keys",
        "Unlike the rest",
        ": anp:page:/products/jobs 3 keys",
        "Refill",
        ": about 31 cold requests/s at first, 95% warm in about 2 min (hit rate 93%)",
        "Source",
        ": Counted on the replica.",
    ]
    assert told[14].splitlines() == [
        "anp:page:/products*",
        "  1,204 keys, 3.1 MB",
        "  sizes, TTL, types: from 400 keys",
        "  1,200 string, 4 hash",
        "  anp:page:/products/#  1,201",
        "  anp:page:/products/jobs  3",
        "  big: 2.1 MB anp:page:/products/all",
        "  e.g. anp:page:/products",
        "  e.g. anp:page:/products?page=2",
    ]


def test_of_several_patterns_each_shows_one_name() -> None:
    more = replace(PLAN.patterns[0], pattern="anp:fragment:*", neighbours=())
    plan = replace(PLAN, patterns=(*PLAN.patterns, more))
    step = replace(planned_step(), plan=asdict(plan), plan_hash=plan.hash)
    table = next(text for text in texts(drawn(step).blocks) if text.startswith("anp:page:"))
    assert [line for line in table.splitlines() if "e.g." in line] == [
        "  e.g. anp:page:/products",
        "  e.g. anp:page:/products",
    ]


def test_a_plan_of_many_patterns_is_cut_with_a_count_and_still_fits() -> None:
    rows = tuple(
        PatternCount(
            pattern=f"anp:page:/{number}/{'x' * 150}*",
            keys=10**6,
            bytes=10**9,
            ttl=TtlSpread(no_expiry=1, under_minute=2, under_hour=3, under_day=4, longer=5),
            sample=tuple(f"anp:{'k' * 400}{part}" for part in range(20)),
            neighbours=tuple(f"anp:page:/{number}{'n' * 300}{part}" for part in range(30)),
            measured=4000,
            bytes_error=10**7,
            types=tuple(Group(name=f"type{part}", keys=10**9) for part in range(9)),
            biggest=tuple(BigKey(name="b" * 400, bytes=10**9, type="zset") for _ in range(5)),
            parts=tuple(Group(name=f"{part}{'p' * 300}", keys=10**9) for part in range(5)),
            rare=tuple(Group(name=f"{number}{part}{'r' * 300}", keys=9) for part in range(5)),
            overlaps=tuple(Group(name=f"{'o' * 31}{part}", keys=10**9) for part in range(20)),
            alike=tuple(Group(name=f"{number}{part}{'<' * 300}", keys=9) for part in range(5)),
        )
        for number in range(60)
    )
    plan = Plan(
        app="shop",
        environment="production",
        routes=("r",),
        patterns=rows,
        database_keys=10**9,
        forecast=Forecast(keys=10**9, bytes=10**9),
        source="s" * 3000,
    )
    step = replace(planned_step(), plan=asdict(plan), plan_hash=plan.hash)
    table = next(text for text in texts(drawn(step).blocks) if text.startswith("anp:page:/0/"))
    assert len(table) <= 2500
    assert table.splitlines()[-1].endswith(" more")


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
    assert ": ▓▓▓░░░░░░░ 480 of 1,204 keys taken out" in shown
    assert (
        "Started by @olga <!date^1772373660^{date_short_pretty} {time}|2026-03-01 14:01 UTC>"
    ) in shown


def test_an_accepted_step_says_that_it_is_queued() -> None:
    waiting = a_run(2, ActionState.ACCEPTED, ActionKind.RUN_STEP)
    shown = texts(drawn(a_step(2, StepState.RUNNING), actions=(waiting,)).blocks)
    assert shown[shown.index("Measured") + 1] == ": queued"
    assert shown[-1].startswith("Started by @olga <!date^1772373660^")


def test_approvals_so_far_are_counted_and_named_and_old_plans_do_not_count() -> None:
    two = CATALOG.apps["shop"].model_copy(update={"approvals": 2})
    catalog = CATALOG.model_copy(update={"apps": {"shop": two}})
    story = a_story(
        planned_step(), approvals=(approved(), approved(NICO, plan_hash="an older plan"))
    )
    shown = texts(step_card(story, story.steps[2], catalog, name_of).blocks)
    assert (
        "Approved by @ari <!date^1772373900^{date_short_pretty} {time}|2026-03-01 14:05 UTC>\n"
        f"1 of 2 approved plan {PLAN.hash[:12]}. May approve: <!subteam^S01CACHE>"
    ) in shown


def test_the_starter_is_not_among_those_who_may_approve() -> None:
    mine = a_release(starter="U02APPROVER")
    shown = texts(drawn(planned_step(), release=mine).blocks)
    asked = f"0 of 1 approved plan {PLAN.hash[:12]}. May approve: <!subteam^S01CACHE>"
    assert asked in shown


def test_a_done_step_says_who_approved_it() -> None:
    shown = texts(drawn(planned_step(StepState.DONE), approvals=(approved(),)).blocks)
    assert shown[-1].startswith("Approved by @ari <!date^1772373900^")


def test_a_skipped_step_shows_why() -> None:
    shown = texts(drawn(a_step(2, StepState.SKIPPED, reason="no <accounts> here")).blocks)
    assert shown == [
        "⏩ *2. Test logged-in traffic*",
        "Skipped · @olga · why: no &lt;accounts&gt; here",
    ]


def test_a_step_that_was_skipped_after_a_look_still_shows_what_was_seen() -> None:
    step = a_step(2, StepState.SKIPPED, verdict=FAILED, reason="known, fixed in v3")
    shown = "".join(texts(drawn(step).blocks))
    assert shown == (
        "⏩ *2. Test logged-in traffic*\n*Owner*: @olga · skipped · why: known, fixed in v3"
        "❌ FAIL: A page is private."
        "Expected: Nothing surprising.\nMeasured: H1 fail /products\nRollback note: Press Roll back."
    )
