"""The looks around a purge before a real nginx, which tells hit from miss and sends no Age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from bot.effects.http.probe import HttpProbe
from bot.release.catalog import App, Environment, Route
from bot.release.records import Outcome, Verdict
from bot.steps import Fetch, Fetched, Job, Purged
from bot.steps.purge import STEP
from tests.proxies.fixture import Start
from tests.proxies.nginx import Caching, Proxy
from tests.proxies.origin import Answer, Asked, Page

KEPT = "public, max-age=3600"


class Origin:
    """Pages whose Cache-Control the test changes."""

    def __init__(self, cache_control: str = KEPT, *, vary: str | None = None) -> None:
        self.cache_control, self.vary = cache_control, vary
        self._numbers = count(1)

    def __call__(self, asked: Asked) -> Page:
        headers = [("Cache-Control", self.cache_control)]
        if self.vary is not None:
            headers.append(("Vary", self.vary))
        return Page(body=f"{asked.path} {next(self._numbers)}", headers=tuple(headers))


def job_of(url: str) -> Job:
    products = Route(keys=("page:/products*",), paths=("/products",), control="/about")
    cart = Route(keys=("page:/cart*",), paths=("/cart",))
    app = App(
        channel="C01REL",
        owner="U01OWNER",
        approvers=("U02APPROVER",),
        environments={"production": Environment(redis="env:R", url=url, allow_private=True)},
        routes={"products": products, "cart": cart},
    )
    return Job(
        app_name="shop",
        environment_name="production",
        app=app,
        environment=app.environments["production"],
        routes=(("products", products),),
        nonce="0" * 12,
        snapshot_id="r1-s3-v1",
    )


def looked(job: Job, wishes: tuple[Fetch, ...]) -> tuple[Fetched, ...]:
    probe = HttpProbe(user_agent="cache-release/test")
    return tuple(
        probe.fetch(wish, base_url=job.environment.url, allow_private=True, cookies={})
        for wish in wishes
    )


def judged(proxy: Proxy, purge: Callable[[], object], *, left: int = 0) -> Verdict:
    """Warm the pages, look, purge, look again, judge."""
    job = job_of(proxy.url)
    looked(job, STEP.look_before(job))
    job = replace(job, beside=STEP.keep_beside(job, looked(job, STEP.look_before(job))))
    purge()
    done = Purged(snapshot_id="r1-s3-v1", taken=1, left=left, seconds=0.1, bytes=1)
    return STEP.judge_act(job, (done, *looked(job, STEP.look_after(job))))


def rules(verdict: Verdict) -> set[str]:
    return {reason.rpartition("(")[2].removesuffix(").") for reason in verdict.numbers["reasons"]}


def purge_all(proxy: Proxy, part: str) -> None:
    """Purge every variant: nginx keeps several files of one key where the page varies."""
    while proxy.purge(part):
        pass


def started(nginx: Start, answer: Answer, **caching: str) -> Proxy:
    return nginx(Caching(**caching), answer)  # type: ignore[arg-type]


@pytest.mark.parametrize("vary", [None, "Accept-Encoding"])
def test_a_good_purge_has_no_finding(nginx: Start, vary: str | None) -> None:
    proxy = started(nginx, Origin(vary=vary))
    verdict = judged(proxy, lambda: purge_all(proxy, "/products"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.PASS, set())


def test_a_wrong_pattern_purged_nothing(nginx: Start) -> None:
    proxy = started(nginx, Origin())
    verdict = judged(proxy, lambda: proxy.purge("/goods"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H11"})


def test_a_copy_that_was_kept_uncompressed_only_is_found_too(nginx: Start) -> None:
    proxy = started(nginx, Origin(vary="Accept-Encoding"), key="$uri$http_accept_encoding")
    verdict = judged(proxy, lambda: proxy.purge("/productsgzip"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H11"})
    assert verdict.evidence.startswith("/products: uncompressed, it is still a hit")


def test_a_pattern_that_is_too_wide_took_the_neighbours(nginx: Start) -> None:
    proxy = started(nginx, Origin())
    verdict = judged(proxy, lambda: proxy.purge("/"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H9"})
    assert [stop.partition(":")[0] for stop in verdict.numbers["stops"]] == ["/about", "/cart"]


def test_a_page_that_is_no_longer_stored_is_named_with_its_cause(nginx: Start) -> None:
    origin = Origin()
    proxy = started(nginx, origin)

    def purge() -> None:
        proxy.purge("/products")
        origin.cache_control = "private, no-cache"

    verdict = judged(proxy, purge)
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H10", "H6"})
    assert verdict.evidence.startswith(
        "/products: no longer stored, three misses: "
        "Cache-Control public, max-age=3600 -> private, no-cache (H10)."
    )


def test_a_hit_that_somebody_may_have_filled_asks_a_person(nginx: Start) -> None:
    proxy = started(nginx, Origin())
    verdict = judged(proxy, lambda: None, left=3)
    assert (verdict.outcome, rules(verdict)) == (Outcome.UNSURE, {"H11"})
    assert "stops" not in verdict.numbers


def test_a_cache_that_says_nothing_is_never_a_pass(nginx: Start) -> None:
    proxy = nginx(Caching(indicator=None), Origin())
    verdict = judged(proxy, lambda: proxy.purge("/products"))
    assert verdict.outcome is Outcome.UNSURE
    assert "no header says whether the page came from the cache" in verdict.evidence


def test_a_page_that_does_not_answer_after_the_purge_stops_the_release(nginx: Start) -> None:
    gone: list[bool] = []
    origin = Origin()

    def answer(asked: Asked) -> Page:
        return Page(body="", status=500) if gone else origin(asked)

    proxy = started(nginx, answer)

    def purge() -> None:
        gone.append(True)
        proxy.purge("/products")

    verdict = judged(proxy, purge)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.evidence.startswith("/products: answered 500 after the purge.")
