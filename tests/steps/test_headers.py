from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.release.own_indicator import OwnIndicator
from bot.release.records import Outcome, Verdict
from bot.steps import Fetch, Request
from bot.steps.headers import STEP
from tests.steps.answers import CACHED, MADE, NONCE, Cache, carried_out, job


def judged(answer: Any, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def test_anonymous_gets_of_a_page_and_the_account_only_on_a_key_of_its_own() -> None:
    (fetch,) = STEP.plan(job(paths=("/products?page=2",)))
    assert isinstance(fetch, Fetch)
    asked = [(one.path, one.account, one.only_after_miss) for one in fetch.requests]
    assert asked == [
        *[("/products?page=2", None, None)] * 13,
        (f"/products?page=2&__crc={NONCE}-c", None, None),
        (f"/products?page=2&__crc={NONCE}-h", "a", "canary"),
    ]
    looks = [one for one in fetch.requests if one.path == "/products?page=2"]
    assert [one.label for one in looks if one.only_where_mixed] == ["6", "7", "8", "9", "10"]
    assert [one.label for one in looks if one.revalidates == "2"] == ["same"]
    coded = [dict(one.headers)["Accept-Encoding"] for one in looks]
    assert coded == [*["gzip, deflate"] * 11, "identity", "identity"]


def test_a_good_cache_passes_and_says_what_was_seen() -> None:
    verdict = judged(Cache())
    assert verdict.outcome is Outcome.PASS
    assert verdict.evidence == "1 of 1 pages keep every rule and say hit or miss."
    assert verdict.actual.splitlines() == [
        "/products",
        "         #1       #2",
        "cache    miss     hit",
        "Age      -        7",
        "kept s   60       60",
        "  200, Vary: cookie",
        "  public, s-maxage=60",
    ]


def test_a_page_without_an_indicator_is_never_a_pass() -> None:
    verdict = judged(Cache(says=False), personalised=False)
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence == ("/products: no header says whether the page came from the cache.")


def test_h1_is_not_judged_where_the_query_is_no_part_of_the_key() -> None:
    verdict = judged(Cache(query_in_key=False))
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence == (
        "/products: H1 is not judged: a page never asked for was no plain miss, so nobody was signed in."
    )


def test_h1_is_not_judged_without_an_account() -> None:
    assert judged(Cache(), accounts="").outcome is Outcome.UNSURE
    assert judged(Cache(), accounts="", personalised=False).outcome is Outcome.PASS


def test_a_signed_in_page_kept_for_everybody_fails() -> None:
    def answer(request: Request) -> dict[str, Any]:
        return {"headers": (MADE[0], MADE[2])}

    verdict = judged(answer)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence == (
        "/products: a signed-in answer may be kept for everybody for 60 s (H1). 1 more below."
    )
    assert "so the signed-in may get the anonymous copy (H3)." in verdict.actual


def test_a_stop_is_named_before_a_warning_and_the_rest_is_counted() -> None:
    headers = (*CACHED, ("Cache-Control", "private"), ("Set-Cookie", "s=1"))
    verdict = judged(lambda _: {"headers": headers}, personalised=False)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence == "/products: a Set-Cookie came out of the cache (H2). 1 more below."


@pytest.mark.parametrize(
    ("said", "outcome", "evidence"),
    [
        ({"error": "no connection"}, Outcome.FAIL, "/products did not answer: no connection."),
        ({"status": 502}, Outcome.FAIL, "/products answered 502."),
        (
            {"status": 404},
            Outcome.UNSURE,
            "/products: it answers 404, so there is no page to inspect.",
        ),
    ],
)
def test_a_page_that_is_not_there_is_no_pass(
    said: dict[str, Any], outcome: Outcome, evidence: str
) -> None:
    verdict = judged(lambda _: said, personalised=False)
    assert (verdict.outcome, verdict.evidence) == (outcome, evidence)


def test_the_baseline_is_shown_beside_what_came_after_the_purge() -> None:
    this = job(personalised=False)
    before = STEP.remember(this, carried_out(STEP.baseline(this), lambda _: {"headers": CACHED}))
    kept = before["paths"]["/products"]
    assert {
        name: kept[name] for name in ("hit", "age", "ttl", "vary", "indicator", "storable")
    } == {
        "hit": True,
        "age": 7,
        "ttl": 60,
        "vary": "cookie",
        "indicator": "X-Cache",
        "storable": True,
    }
    table = [
        "/products",
        "         before   now #1   now #2",
        "cache    hit      miss*    hit",
        "Age      7        -*       7",
        "kept s   60       60       60",
    ]
    purged = judged(Cache(), personalised=False, baseline=before, snapshot_id="s-1")
    assert purged.actual.splitlines()[:5] == table
    assert purged.actual.splitlines()[-1] == "* differs from before"
    not_yet = judged(Cache(), personalised=False, baseline=before)
    assert "before" not in not_yet.actual


def test_what_changed_since_the_look_before_is_named_with_both_values() -> None:
    this = job(personalised=False)
    before = STEP.remember(this, carried_out(STEP.baseline(this), lambda _: {"headers": CACHED}))
    shorter = (("Cache-Control", "public, s-maxage=5"), *CACHED[1:])
    verdict = judged(lambda _: {"headers": shorter}, personalised=False, baseline=before)
    assert verdict.outcome is Outcome.UNSURE
    assert verdict.evidence == "/products: s-maxage changed: 60 -> 5 (H6)."
    unkept = (("Cache-Control", "no-store"), *CACHED[1:3])
    flipped = judged(lambda _: {"headers": unkept}, personalised=False, baseline=before)
    assert flipped.outcome is Outcome.FAIL
    assert flipped.evidence.startswith(
        "/products: a shared cache may keep it no more (public, s-maxage=60 -> no-store) (H6)."
    )


def test_several_nodes_are_told_with_their_share_and_are_no_reason_against_a_pass() -> None:
    hits = iter([True, False, True, False, True, True, True, True, False, True])

    def answer(request: Request) -> dict[str, Any]:
        hit = next(hits, True)
        return {"headers": CACHED if hit else MADE}

    verdict = judged(answer, personalised=False)
    assert verdict.outcome is Outcome.PASS
    assert "7 of 10 answers were hits: several cache nodes (H12)." in verdict.actual


@pytest.mark.parametrize(
    ("same", "told"),
    [
        ({"status": 304, "headers": CACHED}, ""),
        ({"status": 200, "headers": CACHED}, "its own ETag gives 200, not 304"),
        ({"status": 304, "headers": CACHED[:1]}, "304 has another Vary: cookie -> none"),
    ],
)
def test_a_page_is_asked_for_with_its_own_etag(same: dict[str, Any], told: str) -> None:
    tagged = (*CACHED, ("ETag", '"1"'))

    def answer(request: Request) -> dict[str, Any]:
        return same if request.label == "same" else {"headers": tagged}

    verdict = judged(answer, personalised=False)
    assert verdict.outcome is Outcome.PASS
    assert ("(H13)" in verdict.actual) is bool(told)
    assert told in verdict.actual


def test_a_route_names_its_own_indicator() -> None:
    own = OwnIndicator(header="X-My-Cache", hit="^warm", miss="^cold")
    headers = (*CACHED[:2], ("X-My-Cache", "warm"), ("X-Cache", "MISS"))
    this = job(personalised=False)
    route = this.routes[0][1].model_copy(update={"indicator": own})
    this = replace(this, routes=(("products", route),))
    seen = carried_out(STEP.plan(this), lambda _: {"headers": headers})
    kept = STEP.remember(this, seen)["paths"]["/products"]
    assert (kept["indicator"], kept["hit"]) == ("X-My-Cache", True)
    assert STEP.judge(this, seen).outcome is Outcome.PASS
