from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bot.release.records import Outcome, Verdict
from bot.steps import Fetch, Request
from bot.steps.logged_in import STEP
from tests.steps.answers import MADE, NONCE, PRIVATE, Answer, Cache, carried_out, job


def judged(answer: Answer, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def probes(verdict: Verdict) -> dict[str, str]:
    said: dict[str, str] = verdict.numbers["probes"]["/products"]
    return said


def test_a_healthy_cache_passes_every_probe() -> None:
    verdict = judged(Cache())
    assert verdict.outcome is Outcome.PASS
    assert verdict.actual == "/products  5 of 5 probes ok"
    assert verdict.evidence == (
        "1 of 1 pages tested: each account saw its own page, nobody else did."
    )


def test_a_cache_that_keeps_signed_in_pages_is_a_leak_that_stops_the_release() -> None:
    verdict = judged(Cache(keeps_personal=True))
    assert verdict.outcome is Outcome.FAIL
    assert probes(verdict) == {
        "K0": "pass",
        "P0": "pass",
        "L1": "fail",
        "L2": "fail",
        "L4": "pass",
    }
    assert verdict.evidence == (
        "2 leaks. /products: an anonymous visitor got the page of account a (L1). Stop the release."
    )
    assert verdict.actual.splitlines() == [
        "/products  3 of 5 probes ok",
        "  L1 LEAK: an anonymous visitor got the page of account a",
        "  L2 LEAK: account b got the page of account a",
    ]


def test_nothing_personal_is_judged_where_the_query_is_no_part_of_the_key() -> None:
    verdict = judged(Cache(query_in_key=False))
    assert verdict.outcome is Outcome.UNSURE
    assert probes(verdict) == {"K0": "unsure"}
    assert verdict.evidence == (
        "/products: cannot be tested safely, because the query is no part of the cache key (K0)."
    )


def test_nothing_personal_is_judged_where_no_header_says_hit_or_miss() -> None:
    assert judged(Cache(says=False)).evidence == (
        "/products: cannot be tested safely, because no header says whether a page was cached (K0)."
    )


def test_a_public_page_that_already_leaks_fails_even_where_the_key_is_not_proven() -> None:
    def answer(request: Request) -> dict[str, Any]:
        return {"body": "Signed in as account B"}

    verdict = judged(answer)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence == (
        "1 leak. /products: an anonymous visitor got the page of account b (L1). Stop the release."
    )


@pytest.mark.parametrize(
    ("signed_in", "evidence"),
    [
        (
            "b",
            "/products: account a is not signed in (its marker is not on the page);"
            " its cookie may have expired (P0).",
        ),
        (
            "a",
            "/products: account b is not signed in (its marker is not on the page) (L2).",
        ),
    ],
)
def test_an_expired_cookie_is_never_a_pass(signed_in: str, evidence: str) -> None:
    verdict = judged(Cache(signed_in=signed_in))
    assert (verdict.outcome, verdict.evidence) == (Outcome.UNSURE, evidence)


def test_a_redirect_to_the_sign_in_page_is_never_a_pass() -> None:
    def answer(request: Request) -> dict[str, Any]:
        return {"headers": MADE, "status": 302 if request.account else 200}

    assert judged(answer).evidence == (
        "/products: account a is not signed in (status 302); its cookie may have expired (P0)."
    )


def poisoned(body: str) -> Answer:
    cache, seen = Cache(), Counter[str]()

    def answer(request: Request) -> dict[str, Any]:
        seen[request.path] += 1
        if request.path.endswith("-2") and seen[request.path] == 3:
            return {"headers": MADE, "body": body}
        return cache(request)

    return answer


def test_a_warm_page_that_turns_personal_fails_l4() -> None:
    verdict = judged(poisoned("Signed in as account A"))
    assert probes(verdict)["L4"] == "fail"
    assert verdict.evidence == (
        "1 leak. /products: a cached page turned into the page of account a (L4). Stop the release."
    )


def test_a_warm_page_that_changes_otherwise_asks_a_person() -> None:
    verdict = judged(poisoned("An error of some other kind, much longer than the page was before"))
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "/products: the anonymous page changed after an account's visit (L4).",
    )


def test_with_one_account_l2_is_not_tested_and_the_text_says_so() -> None:
    verdict = judged(Cache(), accounts="a")
    assert verdict.outcome is Outcome.PASS
    assert verdict.evidence.endswith("L2 was not tested: it needs a second account.")
    assert "L2" not in probes(verdict)


def test_without_accounts_a_personal_route_is_unsure_and_nothing_is_asked() -> None:
    this = job(accounts="")
    assert STEP.plan(this) == ()
    verdict = STEP.judge(this, ())
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "Nothing was tested: no test account is configured, so nobody was signed in.",
    )


def test_a_route_that_is_the_same_for_everybody_passes_unasked() -> None:
    this = job(personalised=False)
    assert STEP.plan(this) == ()
    verdict = STEP.judge(this, ())
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.PASS,
        "Nothing was tested: products: not personalised in the catalog, so nobody was signed in.",
    )


@pytest.mark.parametrize(("accounts", "requests"), [("a", 18), ("ab", 20)])
def test_a_route_costs_at_most_21_requests(accounts: str, requests: int) -> None:
    this = job(accounts=accounts, paths=("/a", "/b", "/c"))
    wishes = STEP.plan(this)
    asked = [one for wish in wishes if isinstance(wish, Fetch) for one in wish.requests]
    assert len(asked) == requests
    verdict = STEP.judge(this, carried_out(wishes, Cache()))
    assert verdict.actual.splitlines()[-1] == (
        "products: 1 more pages were not tested (at most 21 requests a route)"
    )


def test_an_account_is_only_ever_sent_to_a_proven_key_of_this_run() -> None:
    (fetch,) = STEP.plan(job())
    assert isinstance(fetch, Fetch)
    assert fetch.keep_body
    personal = [one for one in fetch.requests if one.account is not None]
    assert [(one.path, one.account) for one in personal] == [
        (f"/products?__crc={NONCE}-1", "a"),
        (f"/products?__crc={NONCE}-1", "b"),
        (f"/products?__crc={NONCE}-2", "a"),
    ]
    assert {one.only_after_miss for one in personal} == {"other key"}
    first_personal = fetch.requests.index(personal[0])
    assert "other key" in [one.label for one in fetch.requests[:first_personal]]


def test_no_marker_and_no_body_is_kept() -> None:
    verdict = judged(Cache(keeps_personal=True))
    assert "Signed in" not in f"{verdict}"
    assert verdict.numbers["untested"] == []


def test_a_marker_that_the_page_escapes_is_still_found() -> None:
    def answer(request: Request) -> dict[str, Any]:
        return {"headers": PRIVATE, "body": "Signed&#32;in as account A"}

    assert probes(judged(answer))["L1"] == "fail"
