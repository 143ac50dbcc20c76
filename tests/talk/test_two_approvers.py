"""Two people must say yes, to the same plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Catalog
from bot.release.refusal import Code, Refusal
from tests.talk.conftest import CATALOG, Talk, text


@pytest.fixture
def strict(sqlite_url: str, tmp_path: Path) -> Iterator[Talk]:
    ledger = open_ledger(sqlite_url)
    catalog = Catalog.model_validate(CATALOG)
    shop = catalog.apps["shop"].model_copy(update={"approvals": 2})
    yield Talk(ledger, tmp_path, catalog.model_copy(update={"apps": {"shop": shop}}))
    ledger.close()


def _planned(talk: Talk) -> None:
    talk.redis.put("anp:page:/products", "old")
    talk.say("purge shop products")
    talk.say("run R-1")


def test_the_first_yes_is_counted_and_the_second_purges(strict: Talk) -> None:
    _planned(strict)
    assert text(strict.say("approve R-1", "U02APPROVER")) == "1 of 2 approvals for step 1."
    assert strict.states() == ["judged"]
    assert text(strict.say("approve R-1", "U06SECOND")) == "Approved: step 1 purges now."
    assert strict.states() == ["done"]
    assert strict.redis.keys == {}


def test_the_same_person_twice_is_one(strict: Talk) -> None:
    _planned(strict)
    strict.say("approve R-1", "U02APPROVER")
    with pytest.raises(Refusal) as caught:
        strict.say("approve R-1", "U02APPROVER")
    assert caught.value.code is Code.MOVED_ON
    assert strict.states() == ["judged"]


def test_a_new_plan_needs_new_approvals(strict: Talk) -> None:
    _planned(strict)
    strict.say("approve R-1", "U02APPROVER")
    strict.say("run R-1")
    assert text(strict.say("approve R-1", "U06SECOND")) == "1 of 2 approvals for step 1."
    assert text(strict.say("approve R-1", "U02APPROVER")) == "Approved: step 1 purges now."
