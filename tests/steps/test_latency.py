from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.release.records import Json, Measurement, Outcome, Verdict
from bot.steps import Fetch, Request, Seen
from bot.steps.latency import STEP
from tests.steps.answers import CACHED, MADE, Answer, carried_out, job, window

NO_CONTROL = "no control route: a drift of 5 % in the host makes 1 in 11 verdicts wrong"


def at_pace(page_ms: float, control_ms: float = 10.0, *, failing: int = 0, cold: int = 0) -> Answer:
    """Answer the page around `page_ms`; the first measured ones fail, or miss the cache."""
    times = {"page": iter(window(page_ms, 400)), "control": iter(window(control_ms, 400))}
    measured = 0

    def answer(request: Request) -> dict[str, Any]:
        nonlocal measured
        if request.label not in times:
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


def before(page_ms: float, control_ms: float = 10.0, *, cold: int = 0, **given: Any) -> Json:
    this = job(**given)
    answer = at_pace(page_ms, control_ms, cold=cold)
    kept = STEP.remember(this, carried_out(STEP.baseline(this), answer))
    loaded: Json = json.loads(json.dumps(kept))
    return loaded


def judged(answer: Answer, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def test_a_route_is_asked_five_times_a_second_in_turns_with_its_control_page() -> None:
    (fetch,) = STEP.plan(job(control="/about", paths=("/products", "/products?page=2")))
    assert isinstance(fetch, Fetch)
    assert fetch.every == 0.2
    assert [one.path for one in fetch.requests] == ["/products", "/about"] * 35 + ["/products"]
    assert [one.label for one in fetch.requests] == [
        *["warm-up", "control warm-up"] * 5,
        *["page", "control"] * 30,
        "fresh",
    ]
    assert [one.fresh for one in fetch.requests] == [False] * 70 + [True]


@pytest.mark.parametrize(
    ("given", "plan", "baseline"),
    [({}, 30, 60), ({"samples": 100}, 100, 200), ({"asked_for": 50}, 50, 60)],
)
def test_twice_as_many_are_measured_before_since_nobody_can_go_back(
    given: dict[str, Any], plan: int, baseline: int
) -> None:
    def pages(wishes: tuple[Any, ...]) -> int:
        return sum(one.label == "page" for wish in wishes for one in wish.requests)

    assert (pages(STEP.plan(job(**given))), pages(STEP.baseline(job(**given)))) == (plan, baseline)


def test_the_raw_samples_are_kept_without_the_warm_ups() -> None:
    kept = before(20.0, 10.0, control="/about")["routes"]["products"]
    assert kept["page"][:4] == [18.0, 19.0, 19.4, 20.0]
    assert (len(kept["page"]), len(kept["control"])) == (60, 60)
    assert (kept["path"], kept["failed"], kept["misses"]) == ("/products", 0, 0)
    assert kept["marks"] == "h" * 60


def test_the_same_speed_passes_and_shows_before_and_after() -> None:
    verdict = judged(at_pace(20.4), baseline=before(20.0), budget=300)
    assert verdict.outcome is Outcome.PASS
    assert verdict.evidence == f"/products is not slower: 2 % (-3 to 7 %, 99 % sure); {NO_CONTROL}."
    assert verdict.actual.splitlines() == [
        "/products     before   after  change",
        "p50 ms          20.0    20.4       ~",
        "p90 ms          24.0    24.5       ~",
        "p95 ms          30.0    30.6       ~",
        "hit %            100     100       ~",
        "errors             0       0",
        "n                 60      30",
        "timed by elapsed (no phases)",
        "budget p95 300 ms: not sure, n < 59",
    ]


def test_the_chart_shows_the_quantiles_before_and_after_and_the_budget() -> None:
    verdict = judged(at_pace(40.0), baseline=before(20.0), budget=70)
    assert verdict.numbers["charts"] == [
        {
            "title": "/products: response time, ms",
            "categories": ("p10", "p25", "p50", "p75", "p90", "p95"),
            "lines": (
                {"name": "before", "values": (18.0, 19.4, 20.0, 22.0, 24.0, 30.0)},
                {"name": "after", "values": (36.0, 38.8, 40.0, 44.0, 48.0, 60.0)},
                {"name": "budget p95", "values": (70.0,) * 6},
            ),
            "x_label": "share of requests",
            "y_label": "ms",
        }
    ]


def test_a_slower_page_fails() -> None:
    verdict = judged(at_pace(30.0), baseline=before(20.0))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence.startswith("/products is 50 % slower (43 to 58 %, 99 % sure); ")
    assert verdict.actual.splitlines()[1] == "p50 ms          20.0    30.0   +50 %"
    assert verdict.numbers["routes"]["products"]["verdict"] == "slower"


def test_a_host_that_slowed_down_as_a_whole_is_not_the_release() -> None:
    baseline = before(20.0, 10.0, control="/about")
    slow_host = judged(at_pace(40.0, 20.0), baseline=baseline, control="/about")
    assert slow_host.outcome is Outcome.PASS
    assert slow_host.evidence == (
        "/products is not slower: 0 % (-7 to 8 %, 99 % sure); the control's own +100 % taken out."
    )
    slow_page = judged(at_pace(40.0, 10.0), baseline=baseline, control="/about")
    assert slow_page.outcome is Outcome.FAIL
    assert slow_page.evidence.endswith("control unchanged.")


def wide(middle: float) -> Answer:
    """Answer so unevenly that 30 requests cannot tell a change."""
    times = iter([middle * factor for factor in (0.4, 0.7, 1.0, 1.6, 2.4)] * 100)

    def answer(request: Request) -> dict[str, Any]:
        return {"seconds": next(times) / 1000 if request.label == "page" else 9.9}

    return answer


def test_what_noise_could_explain_is_measured_once_more_and_judged_together() -> None:
    this = job()
    kept = STEP.remember(this, carried_out(STEP.baseline(this), wide(40.0)))
    now = job(baseline=kept)
    first: tuple[Seen, ...] = carried_out(STEP.plan(now), wide(44.0))
    assert STEP.judge(now, first).outcome is Outcome.UNSURE
    further = STEP.further(now, first)
    assert further == STEP.plan(now)
    verdict = STEP.judge(now, first + carried_out(further, wide(44.0)))
    assert verdict.actual.splitlines()[6] == "n                 60      60"
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence.startswith("NOT SURE: /products may be ")
    assert "60 requests cannot tell" in verdict.evidence
    assert len(verdict.numbers["routes"]["products"]["page"]) == 60


def test_what_is_sure_at_once_is_not_measured_again() -> None:
    baseline = before(20.0)
    for page_ms in (20.4, 100.0):
        now = job(baseline=baseline)
        assert STEP.further(now, carried_out(STEP.plan(now), at_pace(page_ms))) == ()


@pytest.mark.parametrize(("failing", "outcome"), [(0, Outcome.PASS), (1, Outcome.FAIL)])
def test_more_than_two_percent_of_failures_fail(failing: int, outcome: Outcome) -> None:
    assert judged(at_pace(20.0, failing=failing), baseline=before(20.0)).outcome is outcome


def test_failures_are_counted_and_shown() -> None:
    baseline = before(20.0, samples=100)
    verdict = judged(at_pace(20.0, failing=3), baseline=baseline, samples=100)
    assert verdict.evidence.startswith("/products: 3 of 100 requests failed (no connection). ")
    assert "errors             0       3      +3" in verdict.actual.splitlines()


def test_a_few_failures_where_there_were_none_are_named_and_do_not_fail() -> None:
    baseline = before(20.0, samples=100)
    verdict = judged(at_pace(20.0, failing=2), baseline=baseline, samples=100)
    assert verdict.outcome is Outcome.PASS
    assert verdict.evidence.startswith("2 of 100 requests failed (no connection), none before. ")


def test_fewer_hits_fail_although_the_hits_are_as_fast_as_before() -> None:
    baseline = before(20.0, samples=100)
    verdict = judged(at_pace(20.0, cold=30), baseline=baseline, samples=100)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence == (
        "/products: fewer answers from the cache, 70 of 100, 200 of 200 before (chance under 0.001)."
        f" /products is not slower: 0 % (-3 to 3 %, 99 % sure); {NO_CONTROL}."
    )
    assert verdict.actual.splitlines()[4] == "hit %            100      70     -30"


def test_a_cache_that_is_still_cold_asks_to_run_again() -> None:
    warm = at_pace(20.0, cold=30)

    def cold(request: Request) -> dict[str, Any]:
        return {"headers": MADE} if request.label == "warm-up" else warm(request)

    verdict = judged(cold, baseline=before(20.0, samples=100), samples=100)
    assert verdict.outcome is Outcome.UNSURE
    assert "the cache was still cold, run again." in verdict.evidence


def test_a_page_that_is_never_cached_is_compared_as_it_is() -> None:
    baseline = before(20.0, cold=400)
    assert judged(at_pace(20.0, cold=400), baseline=baseline).outcome is Outcome.PASS
    assert judged(at_pace(40.0, cold=400), baseline=baseline).outcome is Outcome.FAIL


def test_a_baseline_with_too_few_good_requests_is_unsure() -> None:
    baseline = before(20.0)
    kept = baseline["routes"]["products"]
    few = {"routes": {"products": kept | {"page": kept["page"][:20], "failed": 10}}}
    verdict = judged(at_pace(20.0), baseline=few)
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "/products: too few good requests (20 before and 30 after, at least 30 are needed).",
    )


def test_a_release_without_a_baseline_is_unsure() -> None:
    verdict = judged(at_pace(20.0), budget=300)
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "/products: nothing was measured before the release to compare with.",
    )


@pytest.mark.parametrize(
    ("page_ms", "samples", "outcome", "evidence"),
    [
        (20.0, 100, Outcome.PASS, "/products is within budget: p95 30.0 ms, budget 100 ms"),
        (20.0, 59, Outcome.PASS, "/products is within budget: p95 30.0 ms, budget 100 ms"),
        (
            20.0,
            58,
            Outcome.UNSURE,
            "/products: 58 requests cannot tell p95 from the budget: p95 30",
        ),
        (
            70.0,
            30,
            Outcome.UNSURE,
            "/products: 30 requests cannot tell p95 from the budget: p95 105",
        ),
        (110.0, 100, Outcome.FAIL, "/products is over budget: p95 165.0 ms, budget 100 ms"),
    ],
)
def test_a_first_look_is_judged_by_the_budget_alone(
    page_ms: float, samples: int, outcome: Outcome, evidence: str
) -> None:
    verdict = judged(at_pace(page_ms), budget=100, released=False, samples=samples)
    assert verdict.evidence.startswith(evidence)
    assert verdict.outcome is outcome
    assert "the first look: nothing to compare with" in verdict.evidence


def test_outside_a_release_without_a_budget_or_a_look_before_nothing_can_be_judged() -> None:
    assert judged(at_pace(20.0), released=False).outcome is Outcome.UNSURE


def look(numbers: Json, day: int) -> Measurement:
    return Measurement(
        release_id=None,
        app="shop",
        environment="production",
        route="products",
        kind="latency",
        phase="check",
        at=datetime(2026, 2, day, 9, 30, tzinfo=UTC),
        numbers=numbers,
    )


def test_outside_a_release_the_newest_look_before_is_what_it_is_compared_with() -> None:
    earlier = (look(before(20.0), 27), look(before(90.0), 3))
    verdict = judged(at_pace(30.0), released=False, earlier=earlier)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence == (
        f"/products is 50 % slower (43 to 58 %, 99 % sure); {NO_CONTROL},"
        " compared with 2026-02-27 09:30 UTC."
    )
    other = judged(at_pace(30.0), released=False, earlier=(look({"routes": {}}, 27),))
    assert other.outcome is Outcome.UNSURE


def test_no_slower_but_surely_over_budget_asks_a_person() -> None:
    verdict = judged(at_pace(400.0), baseline=before(400.0), budget=300)
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence.startswith(
        "/products is over budget: p95 600.0 ms, budget 300 ms. /products is not slower: "
    )


def test_the_budget_stands_in_the_text_of_the_checklist() -> None:
    texts = STEP.texts(job(budget=300).routes)
    assert texts.expected == "No page is slower than before the purge; products p95 within 300 ms."


def test_hits_are_what_is_measured_by_default() -> None:
    verdict = judged(lambda _: {"headers": CACHED}, baseline=before(10.0))
    assert verdict.numbers["routes"]["products"]["misses"] == 0
