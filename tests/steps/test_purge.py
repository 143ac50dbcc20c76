"""The purge step counts, and asks a person where the scope may hold what is not the route's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.release.catalog import Route
from bot.release.plan import Group, PatternCount, Plan, TtlSpread
from bot.release.records import Outcome
from bot.steps import Count, Counted
from bot.steps.purge import STEP
from tests.steps.answers import job

ROW = PatternCount(
    pattern="anp:page:/products*", keys=1204, bytes=3_100_000, ttl=TtlSpread(), sample=()
)
PLAN = Plan(
    app="shop",
    environment="production",
    routes=("products",),
    patterns=(ROW,),
    database_keys=20_000,
)


def judged(plan: Plan) -> tuple[Outcome, str]:
    verdict = STEP.judge(job(), (Counted(plan=plan),))
    assert verdict.numbers["plan_hash"] == plan.hash
    return verdict.outcome, verdict.evidence


def test_the_patterns_of_the_other_routes_are_looked_for_too() -> None:
    plain = job()
    cart = Route(keys=("anp:page:/cart*",), paths=("/cart",))
    app = plain.app.model_copy(update={"routes": {**plain.app.routes, "cart": cart}})
    assert STEP.plan(replace(plain, app=app)) == (
        Count(patterns=("anp:page:/products*",), others=(("cart", ("anp:page:/cart*",)),)),
    )


def test_a_scope_of_its_own_passes_with_its_share() -> None:
    assert judged(PLAN) == (Outcome.PASS, "1,204 keys match, 6.0 % of the database.")


def test_a_scope_without_keys_is_unsure() -> None:
    nothing = replace(PLAN, patterns=(replace(ROW, keys=0),))
    assert judged(nothing) == (Outcome.UNSURE, "No key matches: the purge would take nothing.")


@pytest.mark.parametrize(
    ("row", "evidence"),
    [
        (
            replace(ROW, neighbours=("anp:page:/products-old",)),
            "1,204 keys match, among them neighbours of the route: anp:page:/products-old.",
        ),
        (
            replace(ROW, overlaps=(Group(name="cart", keys=12),)),
            "1,204 keys match, among them 12 of the route cart.",
        ),
        (
            replace(ROW, alike=(Group(name="anp:session", keys=3), Group(name="anp:lock", keys=1))),
            "1,204 keys match, among them 4 that look like sessions, locks or queues: anp:session, anp:lock.",
        ),
        (
            replace(
                ROW,
                overlaps=(Group(name="cart", keys=12),),
                alike=(Group(name="anp:session", keys=3),),
            ),
            "1,204 keys match, among them 12 of the route cart; "
            "3 that look like sessions, locks or queues: anp:session.",
        ),
    ],
    ids=["neighbours", "another route", "sessions", "both"],
)
def test_what_may_not_be_the_routes_own_asks_a_person(row: PatternCount, evidence: str) -> None:
    assert judged(replace(PLAN, patterns=(row,))) == (Outcome.UNSURE, evidence)
