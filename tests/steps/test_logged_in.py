from __future__ import annotations

from typing import Any

import pytest

from bot.release.cache_headers import Headers
from bot.release.records import Outcome, Verdict
from bot.steps import Fetch, Request
from bot.steps.logged_in import STEP
from tests.steps.answers import CACHED, MADE, NONCE, PRIVATE, Answer, Cache, carried_out, job


def judged(answer: Answer, **given: Any) -> Verdict:
    this = job(**given)
    return STEP.judge(this, carried_out(STEP.plan(this), answer))


def probes(verdict: Verdict) -> dict[str, str]:
    said: dict[str, str] = verdict.numbers["probes"]["/products"]
    return said


def test_a_healthy_cache_passes_every_probe() -> None:
    verdict = judged(Cache())
    assert verdict.outcome is Outcome.PASS
    assert verdict.actual == "/products  13 of 13 probes ok"
    assert verdict.evidence == (
        "1 of 1 pages tested: each account saw its own page, nobody else did."
    )


def test_a_cache_that_keeps_signed_in_pages_is_a_leak_that_stops_the_release() -> None:
    verdict = judged(Cache(keeps_personal=True))
    assert verdict.outcome is Outcome.FAIL
    assert probes(verdict) == {
        "K0": "pass",
        "P0": "pass",
        "C1": "pass",
        "C2": "pass",
        "L1": "fail",
        "L2": "fail",
        "L3": "fail",
        "L4": "pass",
        "L5": "pass",
        "L6": "pass",
        "L7": "fail",
        "D1": "untested",
        "X1": "pass",
    }
    assert verdict.evidence == (
        "2 leaks. /products: an anonymous visitor got the page of account a (L1). Stop the release."
    )
    assert verdict.actual.splitlines() == [
        "/products  8 of 13 probes ok",
        "  L1 LEAK: an anonymous visitor got the page of account a",
        "  L2 LEAK: account b got the page of account a",
        "  L3 FAIL: account a got the anonymous page",
        "  L7 FAIL: a signed-in visitor's page came from the shared cache",
        "  not tested: D1",
    ]
    assert verdict.numbers["stops"] == [
        "/products: an anonymous visitor got the page of account a (L1)",
        "/products: account b got the page of account a (L2)",
    ]


def test_nothing_personal_is_judged_where_the_query_is_no_part_of_the_key() -> None:
    verdict = judged(Cache(query_in_key=False))
    assert verdict.outcome is Outcome.UNSURE
    said = probes(verdict)
    assert said.pop("K0") == "fail"
    assert {name for name, one in said.items() if one == "pass"} == {"C1", "C2", "L6"}
    assert set(said.values()) == {"pass", "untested"}
    assert verdict.numbers["stops"] == []
    assert verdict.evidence == (
        "/products: cannot be tested safely, because the query is no part of the cache key (K0)."
    )


def test_nothing_personal_is_judged_where_no_header_says_hit_or_miss() -> None:
    assert judged(Cache(says=False)).evidence == (
        "/products: cannot be tested safely, because no header says whether a page was cached (K0)."
        " 1 more below."
    )


def test_a_public_page_that_already_leaks_fails_even_where_the_key_is_not_proven() -> None:
    def answer(request: Request) -> dict[str, Any]:
        return {"body": "Signed in as account B"}

    verdict = judged(answer)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence == (
        "1 leak. /products: an anonymous visitor got the page of account b (L1). Stop the release."
    )
    assert {name for name, said in probes(verdict).items() if said == "fail"} == {"K0", "L1", "L4"}


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
        " 1 more below."
    )


def poisoned(body: str, headers: Headers = MADE) -> Answer:
    cache = Cache()

    def answer(request: Request) -> dict[str, Any]:
        if request.label == "anybody again":
            return {"headers": headers, "body": body}
        return cache(request)

    return answer


def test_a_warm_page_that_turns_personal_fails_l4_and_stops_the_release() -> None:
    verdict = judged(poisoned("Signed in as account A"))
    assert probes(verdict)["L4"] == "fail"
    assert verdict.evidence == (
        "1 leak. /products: an anonymous visitor got the page of account a (L1). Stop the release."
    )


def test_a_warm_page_that_changes_otherwise_asks_a_person() -> None:
    verdict = judged(poisoned("An error of some other kind, much longer than the page was before"))
    assert (verdict.outcome, verdict.evidence) == (
        Outcome.UNSURE,
        "/products: the anonymous page changed after an account's visit (L4).",
    )


def test_a_cached_page_that_changes_otherwise_is_poisoned() -> None:
    verdict = judged(poisoned("Buy pills. " * 20, CACHED))
    assert (verdict.outcome, verdict.numbers["stops"]) == (Outcome.FAIL, [])
    assert verdict.evidence == (
        "/products: the anonymous page changed after an account's visit (L4)."
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


@pytest.mark.parametrize(("accounts", "requests"), [("a", 20), ("ab", 21)])
def test_a_route_costs_at_most_21_requests(accounts: str, requests: int) -> None:
    this = job(accounts=accounts, paths=("/a", "/b", "/c"))
    wishes = STEP.plan(this)
    asked = [one for wish in wishes if isinstance(wish, Fetch) for one in wish.requests]
    assert len(asked) == requests
    verdict = STEP.judge(this, carried_out(wishes, Cache()))
    assert verdict.actual.splitlines()[-1] == (
        "products: 2 more pages were not tested (at most 21 requests a route)"
    )


def test_an_account_is_sent_to_keys_of_this_run_and_to_a_warm_page_where_nothing_was_kept() -> None:
    (fetch,) = STEP.plan(job())
    assert isinstance(fetch, Fetch)
    assert fetch.keep_body
    personal = [one for one in fetch.requests if one.account is not None]
    assert [
        (one.path, one.account, one.only_after_miss, one.only_after_hit) for one in personal
    ] == [
        (f"/products?__crc={NONCE}-1", "a", "other key", None),
        (f"/products?__crc={NONCE}-1", "b", "other key", None),
        (f"/products?__crc={NONCE}-k", "a", "other key", None),
        ("/products", "a", "then anybody", "key again"),
        (f"/products/{NONCE}1.css", "a", "then anybody", None),
        (f"/products;{NONCE}2.css", "a", "then anybody", None),
        (f"/products%3F{NONCE}3.css", "a", "then anybody", None),
        (f"/products%23{NONCE}4.css", "a", "then anybody", None),
    ]


def test_the_page_itself_is_asked_for_as_anybody_then_as_an_account_then_as_anybody() -> None:
    (fetch,) = STEP.plan(job())
    assert isinstance(fetch, Fetch)
    real = [one for one in fetch.requests if one.path == "/products"]
    assert [one.account for one in real] == [None, "a", None]


def test_only_the_canary_names_a_host_and_that_host_cannot_exist() -> None:
    (fetch,) = STEP.plan(job())
    assert isinstance(fetch, Fetch)
    named = [(one.label, dict(one.headers).get("X-Forwarded-Host")) for one in fetch.requests]
    assert [one for one in named if one[1]] == [("canary", f"{NONCE}.invalid")]


def test_no_marker_and_no_body_is_kept() -> None:
    verdict = judged(Cache(keeps_personal=True))
    assert "Signed in" not in f"{verdict}"
    assert verdict.numbers["untested"] == []


def test_a_marker_that_the_page_escapes_is_still_found() -> None:
    def answer(request: Request) -> dict[str, Any]:
        return {"headers": PRIVATE, "body": "Signed&#32;in as account A"}

    assert probes(judged(answer))["L1"] == "fail"
