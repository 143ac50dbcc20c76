"""What became of the shop's page cache in a purge is told by its pages alone: four ways to go wrong, and a good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from redis import Redis

from bot.effects.http.probe import HttpProbe
from bot.release.catalog import App, Environment, Route
from bot.release.records import Outcome, Verdict
from bot.sandbox.shop.page_cache import unpacked
from bot.sandbox.shop.shop import Shop, seed
from bot.steps import Fetch, Fetched, Job, Purged
from bot.steps.purge import STEP
from tests.sandbox.shops import running_shop

PRODUCTS = Route(
    keys=("anp:page:/products*",), paths=("/products", "/products?page=2"), control="/about"
)
CART = Route(keys=("anp:page:/cart*",), paths=("/cart",))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Shop, Redis]]:
    with running_shop() as (shop, cache):
        yield shop, cache


@pytest.fixture
def seeded(running: tuple[Shop, Redis]) -> tuple[Shop, Redis]:
    """A shop whose pages were cached five minutes ago and more."""
    shop, cache = running
    cache.flushall()
    seed(f"redis://127.0.0.1:{cache.connection_pool.connection_kwargs['port']}/0", 2_000)
    for path in ("/products", "/products?page=2", "/about", "/cart"):
        copy = unpacked(str(cache.get(f"anp:page:{path}")))
        older = replace(copy, made_at=copy.made_at - 300)
        cache.set(f"anp:page:{path}", older.packed(), keepttl=True)
    return shop, cache


def job_of(shop: Shop) -> Job:
    environment = Environment(redis="env:R", url=shop.url, allow_private=True)
    app = App(
        channel="C01REL",
        owner="U01OWNER",
        approvers=("U02APPROVER",),
        environments={"production": environment},
        routes={"products": PRODUCTS, "cart": CART},
    )
    return Job(
        app_name="shop",
        environment_name="production",
        app=app,
        environment=environment,
        routes=(("products", PRODUCTS),),
        nonce="0" * 12,
        snapshot_id="r1-s3-v1",
    )


def looked(job: Job, wishes: tuple[Fetch, ...]) -> tuple[Fetched, ...]:
    probe = HttpProbe(user_agent="cache-release/test")
    return tuple(
        probe.fetch(wish, base_url=job.environment.url, allow_private=True, cookies={})
        for wish in wishes
    )


def judged(shop: Shop, purge: Callable[[], int], *, left: int = 0) -> Verdict:
    """Look, purge, look again, judge."""
    job = job_of(shop)
    job = replace(job, beside=STEP.keep_beside(job, looked(job, STEP.look_before(job))))
    taken = purge()
    done = Purged(snapshot_id="r1-s3-v1", taken=taken, left=left, seconds=0.1, bytes=1)
    return STEP.judge_act(job, (done, *looked(job, STEP.look_after(job))))


def unlink(cache: Redis, *patterns: str) -> int:
    return sum(int(cache.unlink(key)) for one in patterns for key in cache.scan_iter(one))


def rules(verdict: Verdict) -> set[str]:
    """Return the rules that found something against a pass."""
    return {reason.rpartition("(")[2].removesuffix(").") for reason in verdict.numbers["reasons"]}


def test_a_good_purge_has_no_finding(seeded: tuple[Shop, Redis]) -> None:
    shop, cache = seeded
    verdict = judged(shop, lambda: unlink(cache, "anp:page:/products*"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.PASS, set())
    assert verdict.evidence.endswith("0 keys left. All 2 pages were made anew.")
    assert "stops" not in verdict.numbers


def test_a_wrong_pattern_purged_nothing(seeded: tuple[Shop, Redis]) -> None:
    shop, cache = seeded
    verdict = judged(shop, lambda: unlink(cache, "anp:pages:/products*"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H11", "H8"})
    assert verdict.numbers["stops"][0] == (
        "/products: still a hit after the purge: it purged nothing here (H11)"
    )


@pytest.mark.parametrize("pattern", ["anp:page:/about*", "anp:page:/c*"])
def test_a_pattern_that_is_too_wide_took_a_neighbour(
    seeded: tuple[Shop, Redis], pattern: str
) -> None:
    shop, cache = seeded
    verdict = judged(shop, lambda: unlink(cache, "anp:page:/products*", pattern))
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H9"})


def test_a_page_that_is_no_longer_stored_is_named_with_its_table(
    seeded: tuple[Shop, Redis],
) -> None:
    shop, cache = seeded

    def purge() -> int:
        taken = unlink(cache, "anp:page:/products*")
        # The cache takes no more writes, as one that is full and may not evict.
        cache.config_set("maxmemory-policy", "noeviction")
        cache.config_set("maxmemory", "1")
        return taken

    try:
        verdict = judged(shop, purge)
    finally:
        cache.config_set("maxmemory", "0")
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H10"})
    table = verdict.actual[verdict.actual.index("/products\n") :].splitlines()
    assert table[1:3] == [
        "         before   after #1 after #2",
        "cache    hit      miss*    miss*",
    ]


def test_a_page_that_a_visitor_filled_again_is_fine(seeded: tuple[Shop, Redis]) -> None:
    shop, cache = seeded
    job = job_of(shop)

    def purge() -> int:
        taken = unlink(cache, "anp:page:/products*")
        looked(job, STEP.look_before(job))
        return taken

    verdict = judged(shop, purge, left=2)
    assert (verdict.outcome, rules(verdict)) == (Outcome.PASS, set())


def test_a_page_just_cached_is_too_young_to_tell_and_judged_by_hit_or_miss(
    seeded: tuple[Shop, Redis],
) -> None:
    shop, cache = seeded
    unlink(cache, "anp:page:/products*")
    verdict = judged(shop, lambda: unlink(cache, "anp:page:/products-x*"))
    assert (verdict.outcome, rules(verdict)) == (Outcome.FAIL, {"H11"})
    assert "too young to tell; judged by hit or miss." in verdict.actual
