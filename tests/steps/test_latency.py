from __future__ import annotations

import json
from typing import Any

import pytest

from bot.release.records import Json, Outcome, Verdict
from bot.steps import Fetch, Request
from bot.steps.latency import STEP
from tests.steps.answers import CACHED, MADE, Answer, carried_out, job, window


def at_pace(page_ms: float, control_ms: float = 10.0, *, failing: int = 0, cold: int = 0) -> Answer:
    """Answer the page around `page_ms`; the first measured ones fail, or miss the cache."""
    times = {"page": iter(window(page_ms)), "control": iter(window(control_ms))}
    measured = 0

    def answer(request: Request) -> dict[str, Any]:
        nonlocal measured
        if request.label == "warm-up":
            return {"seconds": 9.9}
        said: dict[str, Any] = {"seconds": next(times[request.label]) / 1000}
        if request.label == "page":
            measured += 1
            if measured <= failing:
                said["error" if measured % 2 else "status"] = (
                    "no connection" if measured % 2 else 503
                )
            if measured <= cold:
                said["headers"] = MADE
        return said

    return answer


def before(page_ms: float, control_ms: float = 10.0, **given: Any) -> Json:
    this = job(**given)
    kept = STEP.remember(this, carried_out(STEP.baseline(this), at_pace(page_ms, control_ms)))
    loaded: Json = json.loads(json.dumps(kept))
    return loaded


def judged(answer: Answer, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def test_a_route_is_asked_for_35_times_five_a_second_in_turns_with_its_control_page() -> None:
    (fetch,) = STEP.plan(job(control="/about", paths=("/products", "/products?page=2")))
    assert isinstance(fetch, Fetch)
    assert fetch.every == 0.2
    assert [one.path for one in fetch.requests] == ["/products", "/about"] * 35
    labels = [one.label for one in fetch.requests]
    assert labels == ["warm-up"] * 10 + ["page", "control"] * 30
    assert STEP.baseline(job()) == STEP.plan(job())


def test_the_raw_samples_are_kept_without_the_warm_ups() -> None:
    kept = before(20.0, 10.0, control="/about")["routes"]["products"]
    assert kept["page"][:4] == [18.0, 19.0, 19.4, 20.0]
    assert (len(kept["page"]), len(kept["control"])) == (30, 30)
    assert (kept["path"], kept["failed"], kept["misses"]) == ("/products", 0, 0)


def test_the_same_speed_passes_and_shows_before_and_after() -> None:
    verdict = judged(at_pace(20.4), baseline=before(20.0), budget=300)
    assert verdict.outcome is Outcome.PASS
    assert verdict.evidence == (
        "/products is not slower: median x1.02, +0.4 ms,"
        " no control page to take the host's own drift out."
    )
    assert verdict.actual.splitlines() == [
        "/products          before    after",
        "p50 ms               20.3     20.7",
        "p95 ms               30.0     30.6",
        "n                      30       30",
        "misses                  0        0",
        "budget p95 300 ms: within",
    ]


def test_a_slower_page_fails() -> None:
    verdict = judged(at_pace(100.0), baseline=before(20.0))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence.startswith("/products is slower: median x5.00, +81.2 ms,")


def test_a_host_that_slowed_down_as_a_whole_is_not_the_release() -> None:
    baseline = before(20.0, 10.0, control="/about")
    slow_host = judged(at_pace(40.0, 20.0), baseline=baseline, control="/about")
    assert slow_host.outcome is Outcome.PASS
    assert slow_host.evidence == (
        "/products is not slower: median x1.00, +0.0 ms, after taking out the control page's x2.00."
    )
    slow_page = judged(at_pace(40.0, 10.0), baseline=baseline, control="/about")
    assert slow_page.outcome is Outcome.FAIL


def test_what_noise_could_explain_asks_a_person() -> None:
    verdict = judged(at_pace(24.0), baseline=before(20.0))
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence.startswith("/products: cannot tell a change from noise: median x1.20")


@pytest.mark.parametrize(("failing", "outcome"), [(0, Outcome.PASS), (1, Outcome.FAIL)])
def test_more_than_two_percent_of_failures_fail(failing: int, outcome: Outcome) -> None:
    assert judged(at_pace(20.0, failing=failing), baseline=before(20.0)).outcome is outcome


def test_failures_are_counted_and_shown() -> None:
    verdict = judged(at_pace(20.0, failing=3), baseline=before(20.0))
    assert verdict.evidence == "/products: 3 of 30 requests failed."
    assert "failed                  0        3" in verdict.actual.splitlines()


@pytest.mark.parametrize(("cold", "outcome"), [(3, Outcome.PASS), (4, Outcome.UNSURE)])
def test_a_cold_cache_is_no_judgement(cold: int, outcome: Outcome) -> None:
    assert judged(at_pace(20.0, cold=cold), baseline=before(20.0)).outcome is outcome


def test_a_baseline_with_too_few_good_requests_is_unsure() -> None:
    baseline = before(20.0)
    kept = baseline["routes"]["products"]
    few = {"routes": {"products": kept | {"page": kept["page"][:20], "failed": 10}}}
    verdict = judged(at_pace(20.0), baseline=few)
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "/products: too few good requests (20 before and 30 after, at least 25 are needed).",
    )


def test_a_release_without_a_baseline_is_unsure() -> None:
    verdict = judged(at_pace(20.0), budget=300)
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "/products: nothing was measured before the release to compare with.",
    )


@pytest.mark.parametrize(
    ("page_ms", "outcome", "evidence"),
    [
        (20.0, Outcome.PASS, "/products is within budget: p95 30.0 ms, budget 100 ms"),
        (70.0, Outcome.UNSURE, "/products may be over budget, 30 requests cannot tell: p95 105.0"),
        (110.0, Outcome.FAIL, "/products is over budget: p95 165.0 ms, budget 100 ms"),
    ],
)
def test_outside_a_release_the_budget_alone_judges(
    page_ms: float, outcome: Outcome, evidence: str
) -> None:
    verdict = judged(at_pace(page_ms), budget=100, released=False)
    assert verdict.outcome is outcome
    assert verdict.evidence.startswith(evidence)
    assert "judged by the budget alone" in verdict.evidence


def test_outside_a_release_without_a_budget_nothing_can_be_judged() -> None:
    assert judged(at_pace(20.0), released=False).outcome is Outcome.UNSURE


def test_no_slower_but_surely_over_budget_asks_a_person() -> None:
    verdict = judged(at_pace(400.0), baseline=before(400.0), budget=300)
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence.endswith("but p95 is over the budget of 300 ms.")


def test_the_budget_stands_in_the_text_of_the_checklist() -> None:
    texts = STEP.texts(job(budget=300).routes)
    assert texts.expected == "No page is slower than before the purge; products p95 within 300 ms."


def test_hits_are_what_is_measured_by_default() -> None:
    verdict = judged(lambda _: {"headers": CACHED}, baseline=before(10.0))
    assert verdict.numbers["routes"]["products"]["misses"] == 0
