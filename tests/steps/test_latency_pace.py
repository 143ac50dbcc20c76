from __future__ import annotations

from typing import Any

import pytest

from bot.release.records import Outcome, Verdict
from bot.steps import Request
from bot.steps.latency import STEP
from tests.steps.answers import AT, Answer, carried_out, job


def judged(answer: Answer, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def behind(service_s: float) -> Answer:
    """Answer as one client sees a page of steady speed: late by all that came before."""
    place, free_at = -1, AT

    def answer(request: Request) -> dict[str, Any]:
        nonlocal place, free_at
        place += 1
        due = AT + place * 0.2
        sent = max(due, free_at)
        free_at = sent + service_s
        return {"at": sent, "seconds": free_at - due}

    return answer


@pytest.mark.parametrize(
    ("service_s", "p50", "paced"),
    [(0.150, "150.0", True), (0.250, "250.0", False)],
)
def test_a_page_slower_than_the_pace_is_judged_by_its_own_time(
    service_s: float, p50: str, paced: bool
) -> None:
    verdict = judged(behind(service_s), budget=300, released=False, samples=60)
    assert verdict.outcome is Outcome.PASS
    assert verdict.actual.splitlines()[1] == f"p50 ms             -   {p50}"
    assert verdict.numbers["routes"]["products"]["paced"] is paced


def test_the_wait_behind_a_slow_warm_up_is_dropped_with_it() -> None:
    place, free_at = -1, AT

    def answer(request: Request) -> dict[str, Any]:
        nonlocal place, free_at
        place += 1
        due = AT + place * 0.2
        sent = max(due, free_at)
        free_at = sent + (3.0 if place == 0 else 0.010)
        return {"at": sent, "seconds": free_at - due}

    verdict = judged(answer, released=False)
    assert verdict.numbers["routes"]["products"]["page"] == (10.0,) * 30
