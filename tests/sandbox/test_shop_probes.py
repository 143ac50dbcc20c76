from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from redis import Redis

from bot.effects.http.probe import HttpProbe
from bot.release.catalog import Account, App, Environment, Route
from bot.release.records import Json, Outcome, Verdict
from bot.sandbox.shop.shop import Shop, seed
from bot.sandbox.shop.versions import Version
from bot.steps import Fetch, Fetched, Job, Step, Wish, headers, latency, logged_in
from tests.sandbox.shops import running_shop

STEPS: tuple[Step, ...] = (headers.STEP, logged_in.STEP, latency.STEP)
ROUTE = Route(
    keys=("anp:page:/products*", "anp:fragment:products:*"),
    paths=("/products", "/products?page=2"),
    control="/about",
    personalised=True,
    budget_p95_ms=300,
    samples=30,
    tolerance=1.0,
)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Shop, Redis]]:
    with running_shop() as (shop, cache):
        seed(f"redis://127.0.0.1:{cache.connection_pool.connection_kwargs['port']}/0", 2_000)
        yield shop, cache


def job_of(shop: Shop, nonce: str, baseline: Json | None = None) -> Job:
    environment = Environment(redis="env:R", url=shop.url, allow_private=True)
    app = App(
        channel="C01REL",
        owner="U01OWNER",
        approvers=("U02APPROVER",),
        environments={"production": environment},
        routes={"products": ROUTE},
        accounts={
            "a": Account(cookie="env:A", marker="Signed in as account A"),
            "b": Account(cookie="env:B", marker="Signed in as account B"),
        },
    )
    return Job(
        app_name="shop",
        environment_name="production",
        app=app,
        environment=environment,
        routes=(("products", ROUTE),),
        nonce=nonce,
        baseline=baseline,
    )


def carry_out(job: Job, wishes: tuple[Wish, ...]) -> tuple[Fetched, ...]:
    probe = HttpProbe(user_agent="cache-release/test")
    seen = []
    for wish in wishes:
        assert isinstance(wish, Fetch)
        # The pace is what makes a measurement take 12 s; a test need not keep it.
        quick = replace(wish, every=None)
        seen.append(
            probe.fetch(
                quick,
                base_url=job.environment.url,
                allow_private=True,
                cookies={"a": "session=a", "b": "session=b"},
            )
        )
    return tuple(seen)


def purge(cache: Redis) -> None:
    for key in cache.scan_iter("anp:page:/products*"):
        cache.unlink(key)


@pytest.fixture(scope="module")
def before(running: tuple[Shop, Redis]) -> Json:
    job = job_of(running[0], "0" * 12)
    return latency.STEP.remember(job, carry_out(job, latency.STEP.baseline(job)))


@pytest.mark.parametrize(
    ("version", "failing"),
    [
        (Version.V1, set()),
        (Version.V2, set()),
        (Version.SLOW, {"latency"}),
        (Version.LEAKY, {"logged_in"}),
    ],
)
def test_each_version_fails_exactly_the_step_that_looks_for_its_fault(
    running: tuple[Shop, Redis], before: Json, version: Version, failing: set[str]
) -> None:
    shop, cache = running
    shop.deploy(version)
    purge(cache)
    nonce = f"{list(Version).index(version) + 1:012x}"
    verdicts: dict[str, Verdict] = {}
    for step in STEPS:
        job = job_of(shop, nonce, before if step.kind == "latency" else None)
        verdicts[step.kind] = step.judge(job, carry_out(job, step.plan(job)))
    wanted = {step.kind: Outcome.FAIL if step.kind in failing else Outcome.PASS for step in STEPS}
    assert {kind: verdict.outcome for kind, verdict in verdicts.items()} == wanted, verdicts


@pytest.mark.parametrize(
    ("version", "failing"),
    [
        (Version.V1, set()),
        (Version.V2, set()),
        (Version.SLOW, set()),
        (Version.LEAKY, {"L1", "L2", "L3", "L7"}),
    ],
)
def test_the_shops_leak_is_caught_by_name_and_nothing_else_is(
    running: tuple[Shop, Redis], version: Version, failing: set[str]
) -> None:
    shop, cache = running
    shop.deploy(version)
    purge(cache)
    job = job_of(shop, f"{list(Version).index(version) + 1:x}" * 12)
    verdict = logged_in.STEP.judge(job, carry_out(job, logged_in.STEP.plan(job)))
    said: dict[str, str] = verdict.numbers["probes"]["/products"]
    assert {name for name, one in said.items() if one == "fail"} == failing, verdict.actual
    assert set(said.values()) - {"pass", "fail"} == ({"untested"} if failing else set())
    assert len(verdict.numbers["stops"]) == len(failing & {"L1", "L2"})


def test_the_looks_leave_no_personal_page_on_a_key_that_visitors_read(
    running: tuple[Shop, Redis],
) -> None:
    shop, cache = running
    shop.deploy(Version.LEAKY)
    purge(cache)
    job = job_of(shop, "f" * 12)
    for step in (headers.STEP, logged_in.STEP):
        carry_out(job, step.plan(job))
    personal = [
        key for key in cache.scan_iter("anp:page:*") if "Signed in as" in str(cache.get(key))
    ]
    assert len(personal) == 3
    assert all("__crc=ffffffffffff" in key for key in personal)
