"""A route whose purge sets a generation key, and what undoes it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.catalog import Catalog
from bot.release.generation import Generation, moves_of
from bot.release.records import Action, ActionKind, Outcome
from bot.release.states import ReleaseState, StepState
from bot.release.telling import told
from bot.slack.views.checklist import step_card
from bot.slack.views.release import root_card
from bot.slack.views.rollback import end_card
from tests.fakes.redis_keyspace import FakeKeyspace
from tests.talk.conftest import CATALOG, Talk

KEY = b"anp:gen:products"
PAGE = b"anp:page:/cart"


class Killed(BaseException):
    """The worker is dead."""


class Dying(FakeKeyspace):
    """A server whose client dies once, before or after the number is set."""

    when = ""

    def set_generation(self, key: str, *, seen: int, new: int) -> Generation:
        """Die where the test says so."""
        when, self.when = self.when, ""
        if when == "before":
            raise Killed
        found = super().set_generation(key, seen=seen, new=new)
        if when == "after":
            raise Killed
        return found


@pytest.fixture
def shop(talk: Talk, tmp_path: Path) -> Talk:
    apps: Any = CATALOG["apps"]
    routes = {
        **apps["shop"]["routes"],
        "products": {"generation": "anp:gen:products", "paths": ("/products",)},
    }
    catalog = Catalog.model_validate({"apps": {"shop": {**apps["shop"], "routes": routes}}})
    ledger = talk.ledger
    assert isinstance(ledger, SqlLedger)
    made = Talk(ledger, tmp_path, catalog)
    made.redis = Dying()
    made.redis.put("anp:gen:products", "41", 99)
    return made


def planned(shop: Talk, routes: str = "products") -> None:
    shop.say(f"start shop {routes} 'A change' --previous v1")
    for number in (1, 2):
        shop.say(f"skip R-1 {number} not today")
    shop.say("run R-1 3")


def approved(shop: Talk) -> None:
    shop.say("approve R-1 3", "U02APPROVER")


def last(shop: Talk, kind: ActionKind) -> Action:
    return [row for row in shop.story().actions if row.kind is kind][-1]


def evidence(shop: Talk, number: int = 3) -> str:
    verdict = shop.story().steps[number - 1].verdict
    assert verdict is not None
    return verdict.evidence


def test_a_purge_sets_the_next_number_and_a_rollback_the_old_one(shop: Talk) -> None:
    planned(shop)
    assert evidence(shop) == (
        "anp:gen:products: generation 41 -> 42: one key is set; old values age out by their own expiry."
    )
    approved(shop)
    assert shop.redis.keys == {KEY: (b"42", 99)}
    assert shop.story().snapshots == ()
    assert told(last(shop, ActionKind.PURGE)) == ("Set: generation 41 -> 42 of anp:gen:products.",)
    shop.say("skip R-1 4 not today")
    shop.say("run R-1 5")
    assert evidence(shop, 5) == (
        "A rollback sets back: generation 41 -> 42 of anp:gen:products. There is no snapshot to keep."
    )
    shop.say("rollback R-1", "U03ONCALL")
    assert shop.redis.keys == {KEY: (b"41", 99)}
    assert shop.story().release.state is ReleaseState.ROLLED_BACK
    assert "Generation set back: anp:gen:products 42 -> 41." in told(
        last(shop, ActionKind.ROLLBACK)
    )


def test_the_number_after_a_rollback_is_a_fresh_one(shop: Talk) -> None:
    planned(shop)
    approved(shop)
    shop.say("rollback R-1", "U03ONCALL")
    assert shop.redis.generation("anp:gen:products").next == 43


def test_a_cold_rollback_sets_a_number_nobody_used(shop: Talk) -> None:
    planned(shop)
    approved(shop)
    shop.say("rollback R-1 --cold", "U03ONCALL")
    assert shop.redis.keys == {KEY: (b"43", 99)}


def test_a_number_that_moved_on_is_not_purged(shop: Talk) -> None:
    planned(shop)
    shop.redis.put("anp:gen:products", "50")
    approved(shop)
    assert shop.redis.keys == {KEY: (b"50", 0)}
    assert shop.story().steps[2].state is StepState.STOPPED
    assert (
        evidence(shop)
        == "Not purged: the plan saw generation 41 of anp:gen:products, and it is 50 now."
    )
    assert moves_of(shop.story()) == ()


def test_a_rollback_leaves_a_number_alone_that_moved_on(shop: Talk) -> None:
    planned(shop)
    approved(shop)
    shop.redis.put("anp:gen:products", "50")
    shop.say("rollback R-1", "U03ONCALL")
    assert shop.redis.keys == {KEY: (b"50", 0)}
    assert (
        "Generation moved on: anp:gen:products holds 50, not 42; it was left alone, "
        "and the release's values may still be read."
    ) in told(last(shop, ActionKind.ROLLBACK))


@pytest.mark.parametrize("value", [None, "many"])
def test_a_key_without_a_number_makes_the_plan_unsure_and_is_refused(
    shop: Talk, value: str | None
) -> None:
    shop.redis.keys.clear()
    if value is not None:
        shop.redis.put("anp:gen:products", value)
    before = dict(shop.redis.keys)
    planned(shop)
    verdict = shop.story().steps[2].verdict
    assert verdict is not None
    assert verdict.outcome is Outcome.UNSURE
    assert evidence(shop).startswith("Nothing can be purged: anp:gen:products: the generation key ")
    approved(shop)
    assert evidence(shop).startswith("Not purged: anp:gen:products: the generation key ")
    assert shop.redis.keys == before


def test_a_release_with_both_kinds_does_both_and_undoes_both(shop: Talk) -> None:
    shop.redis.put("anp:page:/cart", "old")
    before = dict(shop.redis.keys)
    planned(shop, "products cart")
    approved(shop)
    assert shop.redis.keys == {KEY: (b"42", 99)}
    shop.redis.put("anp:page:/cart", "new")
    shop.say("rollback R-1", "U03ONCALL")
    assert shop.redis.keys == before
    result = last(shop, ActionKind.ROLLBACK).result
    assert (result["restored"], result["purged_new"]) == (1, 1)


def killed(shop: Talk, when: str, act: Callable[[], object]) -> None:
    assert isinstance(shop.redis, Dying)
    shop.redis.when = when
    with pytest.raises(Killed):
        act()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_purge_goes_on_and_never_counts_twice(shop: Talk, when: str) -> None:
    planned(shop)
    killed(shop, when, lambda: approved(shop))
    assert [(row["old"], row["new"]) for row in moves_of(shop.story())] == [(41, 42)]
    shop.performer.perform(last(shop, ActionKind.PURGE).key)
    assert shop.redis.keys == {KEY: (b"42", 99)}
    assert shop.story().steps[2].state is StepState.DONE


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_rollback_goes_on(shop: Talk, when: str) -> None:
    planned(shop)
    approved(shop)
    killed(shop, when, lambda: shop.say("rollback R-1", "U03ONCALL"))
    shop.performer.perform(last(shop, ActionKind.ROLLBACK).key)
    assert shop.redis.keys == {KEY: (b"41", 99)}
    assert shop.story().release.state is ReleaseState.ROLLED_BACK
    (row,) = last(shop, ActionKind.ROLLBACK).result["generations"]
    assert row["back"] is True


def test_a_number_that_the_app_set_while_the_bot_was_dead_is_not_taken_for_ours(shop: Talk) -> None:
    planned(shop)
    killed(shop, "before", lambda: approved(shop))
    shop.redis.put("anp:gen:products", "42")
    shop.performer.perform(last(shop, ActionKind.PURGE).key)
    assert shop.story().steps[2].state is StepState.STOPPED
    assert moves_of(shop.story()) == ()
    shop.say("rollback R-1", "U03ONCALL")
    assert shop.redis.keys == {KEY: (b"42", 0)}


@pytest.mark.parametrize("words", ["rollback R-1", "rollback R-1 --cold"])
def test_a_rollback_says_when_the_number_was_never_moved_on(shop: Talk, words: str) -> None:
    planned(shop)
    killed(shop, "before", lambda: approved(shop))
    shop.say(words, "U03ONCALL")
    (row,) = last(shop, ActionKind.ROLLBACK).result["generations"]
    assert row["back"] is False
    said = "Generation never moved on: anp:gen:products still holds 41; nothing was set."
    assert said in told(last(shop, ActionKind.ROLLBACK))
    assert shop.redis.keys[KEY][0] == b"41"


def shown(shop: Talk) -> str:
    """Return all that the cards of the release say."""
    story, catalog = shop.story(), shop.tools.catalog
    cards = [
        root_card(story, catalog, str),
        step_card(story, story.steps[2], catalog, str),
        end_card(story, catalog, str),
    ]
    blocks = [card.blocks for card in cards if card is not None]
    return html.unescape(json.dumps(blocks, ensure_ascii=False))


def test_the_cards_say_the_plan_what_was_set_and_what_was_set_back(shop: Talk) -> None:
    planned(shop)
    assert "1 generation key; no key is taken out" in shown(shop)
    assert "generation 41 -> 42: one key is set" in shown(shop)
    approved(shop)
    assert "Set: generation 41 -> 42 of anp:gen:products" in shown(shop)
    assert "The generation of the chosen routes is set to the next number" in shown(shop)
    assert "Sets back generation 41 -> 42 of anp:gen:products." in shown(shop)
    shop.say("rollback R-1", "U03ONCALL")
    assert "Generation set back: anp:gen:products 42 -> 41" in shown(shop)
