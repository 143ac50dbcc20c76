"""What is too large or too much: another person must say yes, or nothing is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Catalog
from bot.release.large_purge import LargePurge, large_words
from bot.release.plan import PatternCount, Plan, TtlSpread, plan_from_json
from bot.release.refusal import Code, Refusal
from bot.slack.views.checklist import step_card
from bot.work.perform import Performer
from tests.slack.reading import texts
from tests.talk.conftest import CATALOG, Talk, text

Build = Callable[..., Talk]


@pytest.fixture
def small_limit(tmp_path: Path) -> Iterator[Build]:
    """Return what builds a talk in which two keys are a large purge."""
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    migrate(url)
    ledger = open_ledger(url)

    def build(**shop: object) -> Talk:
        catalog = Catalog.model_validate(CATALOG)
        app = catalog.apps["shop"].model_copy(update=shop)
        talk = Talk(ledger, tmp_path, catalog.model_copy(update={"apps": {"shop": app}}))
        parts = replace(talk.performer._parts, large=LargePurge(keys=1, share=0.5))
        talk.performer = Performer(parts)
        return talk

    yield build
    ledger.close()


def _planned(talk: Talk, keys: int) -> None:
    for number in range(keys):
        talk.redis.put(f"anp:page:/products/{number}", "old")
    talk.say("purge shop products")
    talk.say("run R-1")


def test_a_large_purge_needs_one_approval_more_and_its_plan_says_so(small_limit: Build) -> None:
    talk = small_limit()
    _planned(talk, 2)
    plan = talk.story().steps[0].plan
    assert plan is not None
    assert plan["large"] == "2 keys are more than 1"
    card = step_card(talk.story(), talk.story().steps[0], talk.tools.catalog, str)
    shown = "\n".join(texts(card.blocks))
    assert "0 of 2 approved" in shown
    assert "Needs one more yes\n: 2 keys are more than 1" in shown
    assert text(talk.say("approve R-1", "U02APPROVER")) == "1 of 2 approvals for step 1."
    assert (talk.states(), len(talk.redis.keys)) == (["judged"], 2)
    assert text(talk.say("approve R-1", "U06SECOND")) == "Approved: step 1 purges now."
    assert (talk.states(), talk.redis.keys) == (["done"], {})


def test_a_purge_under_the_limit_needs_what_the_catalog_says(small_limit: Build) -> None:
    talk = small_limit()
    _planned(talk, 1)
    assert text(talk.say("approve R-1", "U02APPROVER")) == "Approved: step 1 purges now."
    assert talk.states() == ["done"]


def test_a_hotfix_that_is_large_needs_two_approvals_more(small_limit: Build) -> None:
    talk = small_limit(approvers=("U02APPROVER", "U06SECOND", "S01GROUP"))
    _planned(talk, 2)
    talk.say('hotfix R-1 "prices are wrong"', "U02APPROVER")
    assert text(talk.say("approve R-1", "U02APPROVER")) == "1 of 3 approvals for step 1."


def test_a_large_purge_that_nobody_else_could_approve_is_refused_with_what_to_do(
    small_limit: Build,
) -> None:
    talk = small_limit(approvers=("U02APPROVER",))
    _planned(talk, 2)
    with pytest.raises(Refusal) as refused:
        talk.say("approve R-1", "U02APPROVER")
    assert (refused.value.code, refused.value.failed) == (
        Code.NOT_NOW,
        "Not approved: this purge is large and needs 2 approvals; the catalog names 1 approver.",
    )
    assert talk.redis.keys != {}


def _plan(keys: int, database: int) -> Plan:
    row = PatternCount(pattern="anp:*", keys=keys, bytes=0, ttl=TtlSpread(), sample=())
    return Plan(
        app="shop",
        environment="production",
        routes=("products",),
        patterns=(row,),
        database_keys=database,
    )


@pytest.mark.parametrize(
    ("keys", "database", "words"),
    [
        (1_000_000, 100_000_000, ""),
        (1_000_001, 100_000_000, "1,000,001 keys are more than 1,000,000"),
        (50_000, 250_000, ""),
        (50_001, 250_000, "20.0% of the database is more than 20%"),
        (100_000, 100_000, "100.0% of the database is more than 20%"),
        (49_999, 49_999, ""),
        (0, 0, ""),
    ],
)
def test_what_is_large(keys: int, database: int, words: str) -> None:
    assert large_words(_plan(keys, database), LargePurge()) == words


def test_an_approval_binds_to_a_plan_with_its_size_and_a_small_plan_keeps_its_hash() -> None:
    plan = _plan(5, 10)
    large = replace(plan, large="5 keys are more than 1")
    assert plan.hash != large.hash
    without = {name: value for name, value in vars(plan).items() if name != "large"}
    assert plan_from_json({**without, "patterns": []}).large == ""


def test_one_live_release_too_many_is_not_started(talk: Talk) -> None:
    talk.tools = replace(talk.tools, most_live=1)
    talk.say('start shop products "First"')
    with pytest.raises(Refusal) as refused:
        talk.say('start shop cart "Second"')
    assert refused.value.code is Code.TOO_MANY
    assert refused.value.failed == "Not started: 1 release is live, and no more may be."
    talk.say("abandon R-1 --reason later")
    assert text(talk.say('start shop cart "Second"')).startswith("R-2")
