from __future__ import annotations

from typing import Any

import pytest

from bot.release.header_rules import RULES
from bot.release.records import Outcome, Verdict
from bot.steps import Fetch, Request
from bot.steps.headers import STEP
from tests.steps.answers import CACHED, MADE, NONCE, Cache, carried_out, job


def judged(answer: Any, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def test_two_anonymous_gets_a_page_and_the_account_only_on_a_key_of_its_own() -> None:
    (fetch,) = STEP.plan(job(paths=("/products?page=2",)))
    assert isinstance(fetch, Fetch)
    asked = [(one.path, one.account, one.only_after_miss) for one in fetch.requests]
    assert asked == [
        ("/products?page=2", None, None),
        ("/products?page=2", None, None),
        (f"/products?page=2&__crc={NONCE}-c", None, None),
        (f"/products?page=2&__crc={NONCE}-h", "a", "canary"),
    ]


def test_a_good_cache_passes_and_says_what_was_seen() -> None:
    verdict = judged(Cache())
    assert verdict.outcome is Outcome.PASS
    assert verdict.evidence == (f"1 of 1 pages keep all {len(RULES)} rules and say hit or miss.")
    assert verdict.actual == (
        "/products  200, X-Cache miss, hit\n  Age 7, Vary: Cookie\n  public, s-maxage=60"
    )


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
        "/products: a signed-in answer may be kept for everybody for 60 s (H1)."
    )


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
    assert before["paths"]["/products"] == {
        "status": 200,
        "word": "X-Cache hit",
        "indicator": "X-Cache: HIT",
        "age": 7,
        "cache_control": "public, s-maxage=60",
        "vary": "Cookie",
        "etag": None,
    }
    line = "  purged: X-Cache hit, Age 7 -> X-Cache miss, Age -"
    purged = judged(Cache(), personalised=False, baseline=before, snapshot_id="s-1")
    assert purged.actual.splitlines()[-1] == line
    not_yet = judged(Cache(), personalised=False, baseline=before)
    assert line not in not_yet.actual
