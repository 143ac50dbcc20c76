"""Routes whose keys expire soon instead of going, and routes whose keys go without a copy."""

from __future__ import annotations

from typing import Any

import pytest

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.plan import plan_from_json
from bot.release.plan_words import warnings_of
from bot.release.records import Outcome
from bot.release.states import ReleaseState
from tests.fakes.redis_keyspace import NOW_MS
from tests.talk.conftest import CATALOG, Talk

HOUR = NOW_MS + 3_600_000
PAGES = [f"anp:page:/products/{number}" for number in range(3)]
CARTS = [f"anp:page:/cart/{number}" for number in range(2)]


def catalog(products: dict[str, Any], cart: dict[str, Any]) -> Catalog:
    shop = CATALOG["apps"]["shop"]  # type: ignore[index]
    routes = shop["routes"]
    both = {"products": routes["products"] | products, "cart": routes["cart"] | cart}
    return Catalog.model_validate({**CATALOG, "apps": {"shop": shop | {"routes": both}}})


@pytest.fixture
def talk(empty_ledger: SqlLedger, tmp_path: Any) -> Talk:
    """A shop whose pages are purged softly, and whose carts go for good."""
    talk = Talk(empty_ledger, tmp_path, catalog({"soft_ttl": 300}, {"undo": False}))
    for page in PAGES:
        talk.redis.put(page, "old page", HOUR)
    for cart in CARTS:
        talk.redis.put(cart, "old cart")
    talk.web.kept = {"/products"}
    return talk


def purged(talk: Talk, routes: str) -> None:
    talk.say(f'start shop {routes} "New price table" --previous v1')
    for number in (1, 2, 3):
        talk.say(f"run R-1 {number}")
        talk.say(f"approve R-1 {number}", "U02APPROVER")


def said(talk: Talk) -> tuple[Outcome, str, str]:
    verdict = talk.story().steps[2].verdict
    assert verdict is not None
    return verdict.outcome, verdict.evidence, verdict.actual.splitlines()[0].rpartition(", ")[0]


def test_the_plan_says_what_becomes_of_the_keys_and_the_approval_binds_to_it(talk: Talk) -> None:
    talk.say('start shop products cart "New price table" --previous v1')
    for number in (1, 2, 3):
        talk.say(f"run R-1 {number}")
        if number < 3:
            talk.say(f"approve R-1 {number}", "U02APPROVER")
    line = talk.story().steps[2]
    assert line.verdict is not None
    assert line.plan is not None
    assert line.verdict.actual.splitlines() == [
        "anp:page:/products*  3 keys, 84 bytes, expire within 5 min",
        "anp:fragment:products:*  0 keys, 0 bytes, expire within 5 min",
        "anp:page:/cart*  2 keys, 48 bytes, deleted without undo",
    ]
    plan = plan_from_json(line.plan)
    assert ("Cannot be put back", "anp:page:/cart* 2 keys") in warnings_of(plan)
    assert plan.hash == line.plan_hash


def test_a_soft_purge_leaves_the_keys_and_lets_them_expire(talk: Talk) -> None:
    purged(talk, "products")
    snapshot = talk.story().snapshots[0]
    assert said(talk) == (
        Outcome.PASS,
        f"3 keys are in snapshot {snapshot.id}. Soft ones stay until they expire, within 5 min. 0 keys left. "
        "1 of 1 pages show their old copy on purpose, until it expires.",
        "3 keys copied, anp:page:/products* expires within 5 min, "
        "anp:fragment:products:* expires within 5 min, 0 left",
    )
    assert (snapshot.state, snapshot.keys) == ("sealed", 3)
    for page in PAGES:
        value, expires_at = talk.redis.keys[page.encode()]
        assert value == b"old page"
        assert NOW_MS + 270_000 <= expires_at <= NOW_MS + 300_000


def test_a_rollback_gives_soft_keys_their_old_expiry_back(talk: Talk) -> None:
    purged(talk, "products")
    talk.redis.put(PAGES[0], "new page")
    talk.say("rollback R-1", "U03ONCALL")
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    assert {page: talk.redis.keys[page.encode()] for page in PAGES} == dict.fromkeys(
        PAGES, (b"old page", HOUR)
    )


def test_a_route_without_undo_says_what_is_gone_for_good(talk: Talk) -> None:
    purged(talk, "cart")
    snapshot = talk.story().snapshots[0]
    assert said(talk) == (
        Outcome.PASS,
        f"0 keys are in snapshot {snapshot.id}. 2 were deleted for good. 0 keys left. The page was made anew.",
        "0 keys taken out, 2 deleted without undo, 0 left",
    )
    assert sorted(talk.redis.keys) == sorted(page.encode() for page in PAGES)


def test_a_rollback_takes_new_values_of_a_route_without_undo_and_puts_none_back(talk: Talk) -> None:
    purged(talk, "cart")
    talk.redis.put(CARTS[0], "new cart")
    talk.say("rollback R-1", "U03ONCALL")
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    assert sorted(talk.redis.keys) == sorted(page.encode() for page in PAGES)


def test_soft_and_plain_routes_go_in_one_release(talk: Talk) -> None:
    purged(talk, "products cart")
    assert "2 were deleted for good. 0 keys left." in said(talk)[1]
    talk.say("rollback R-1", "U03ONCALL")
    assert talk.redis.keys == {page.encode(): (b"old page", HOUR) for page in PAGES}
