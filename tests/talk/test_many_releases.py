"""Ten releases at once: who holds which keys, who waits, who is told, and where one may release."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import Said
from bot.effects.ledger.sql_ledger import open_ledger
from bot.release.catalog import Catalog
from bot.release.records import Release
from bot.release.refusal import Code
from bot.work.turns import look_after_locks, tell_waiting
from tests.ledger_values import new_release
from tests.talk.conftest import CATALOG, Talk, text
from tests.talk.telling import press, refused, told

BEN, DANA, EVE = "U11BEN", "U12DANA", "U13EVE"


def wide_catalog(**changes: Any) -> Catalog:
    """Return the catalog with a route that takes some of the same keys, and another app in the same Redis."""
    shop = CATALOG["apps"]["shop"]  # type: ignore[index]
    routes = {
        **shop["routes"],
        "sale": {"keys": ("anp:page:/pro?ucts/sale*",), "paths": ("/sale",)},
    }
    blog = {**shop, "routes": {"posts": {"keys": ("anp:page:/p*s/",), "paths": ("/posts",)}}}
    apps = {"shop": {**shop, "routes": routes}, "blog": blog}
    return Catalog.model_validate({**CATALOG, "apps": apps, **changes})


@pytest.fixture
def talk(sqlite_url: str, tmp_path: Path) -> Iterator[Talk]:
    ledger = open_ledger(sqlite_url)
    yield Talk(ledger, tmp_path, wide_catalog())
    ledger.close()


def turns(talk: Talk) -> None:
    tell_waiting(talk.ledger, talk.tools.catalog, talk.clock.now())


def test_a_release_that_could_take_the_same_key_is_refused_with_the_other_one(talk: Talk) -> None:
    talk.say('start shop products "New price table"', DANA)
    no = refused(talk, "start shop sale", BEN)
    assert no.code is Code.SCOPE_BUSY
    assert no.failed == (
        "Not started: `anp:page:/pro?ucts/sale*` here and `anp:page:/products*` of R-1, which is "
        "live, can both take the key `anp:page:/products/sale`. R-1 “New price table” belongs to "
        "<@U12DANA> and is open, step 1 of 5 ready."
    )
    assert [offer.label for offer in no.offers] == ["Notify me", "Queue", "Ask for it"]
    assert no.about == 1
    assert talk.ledger.releases() == talk.ledger.releases(live=True)


def test_routes_that_share_no_key_are_released_side_by_side(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    assert text(talk.say("start shop cart", BEN)).startswith("R-2 is open")
    assert text(talk.say("start shop products --environment staging", EVE)).startswith("R-3 is")


def test_another_app_in_the_same_redis_is_in_the_way_too(talk: Talk) -> None:
    talk.say("start blog posts", DANA)
    no = refused(talk, "start shop products", BEN)
    assert "can both take the key `anp:page:/products/`" in no.failed


def test_the_queue_is_fair_and_the_next_one_is_told_and_not_started(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    offers = {row.label: row for row in refused(talk, "start shop products", BEN).offers}
    assert text(press(talk, offers["Queue"], BEN)) == (
        "You are number 1 in the queue for shop production products, behind R-1 of <@U12DANA>. "
        "You are told when it is your turn; nothing starts by itself."
    )
    assert text(talk.say("queue shop sale", EVE)).startswith(
        "You are number 2 in the queue for shop production sale after <@U11BEN>, behind R-1"
    )
    assert [row.who for row in talk.story().queue] == [BEN, EVE]
    turns(talk)
    assert (told(talk, BEN), told(talk, EVE)) == ([], [])
    talk.say("abandon R-1", DANA)
    turns(talk)
    turns(talk)
    (turn,) = told(talk, BEN)
    assert turn.text == "It is your turn: shop production products is free."
    assert told(talk, EVE) == []
    assert talk.ledger.releases(live=True) == ()
    late = refused(talk, "start shop sale", EVE)
    assert late.failed == (
        "Not started: others queue for products of shop production, and it is the turn of <@U11BEN>."
    )
    assert [offer.label for offer in late.offers] == ["Queue"]
    assert text(talk.say("start shop products", BEN)).startswith("R-2 is open")
    assert [row.who for row in talk.ledger.waits()] == [EVE]


def test_a_turn_that_nobody_takes_passes_to_the_next_after_a_quarter_of_an_hour(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    talk.say("queue shop products", BEN)
    talk.say("queue shop products", EVE)
    talk.say("abandon R-1", DANA)
    turns(talk)
    talk.clock.at += timedelta(minutes=16)
    turns(talk)
    assert [row.text for row in told(talk, BEN)] == [
        "It is your turn: shop production products is free.",
        "Your turn for shop production products passed to the next one.",
    ]
    assert [row.text for row in told(talk, EVE)] == [
        "It is your turn: shop production products is free."
    ]


def test_a_turn_that_somebody_else_took_comes_again(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    talk.say("queue shop products", BEN)
    talk.say("abandon R-1", DANA)
    turns(talk)
    taken = replace(new_release(), routes=("products",), hotfix="wrong prices", place="env:R")
    assert isinstance(talk.ledger.open_release(taken, by=EVE, at=talk.clock.now()), Release)
    talk.clock.at += timedelta(minutes=16)
    turns(talk)
    assert [row.told_at for row in talk.ledger.waits()] == [None]
    talk.say("abandon R-2", "U01OWNER")
    turns(talk)
    assert [row.text for row in told(talk, BEN)] == [
        "It is your turn: shop production products is free."
    ] * 2


def test_of_eight_clocks_one_tells_and_one_reminds(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    talk.say("queue shop products", BEN)
    talk.say('lock shop "night" --environment staging', "U03ONCALL")
    talk.say("abandon R-1", DANA)
    at = talk.clock.now() + timedelta(minutes=61)

    def tick(_: int) -> None:
        tell_waiting(talk.ledger, talk.tools.catalog, at)
        look_after_locks(talk.ledger, at)

    with ThreadPoolExecutor(8) as clocks:
        list(clocks.map(tick, range(16)))
    assert (len(told(talk, BEN)), len(told(talk, "U03ONCALL"))) == (1, 1)
    acts = [entry.act for entry in talk.ledger.audit()]
    assert (acts.count("tell who waits"), acts.count("remind of lock")) == (1, 1)


def test_who_only_wants_to_know_is_told_once_and_holds_nobody_up(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    assert text(talk.say("notify R-1", BEN)) == (
        "You are told when shop production products is free."
    )
    twice = refused(talk, "notify shop products", BEN)
    assert twice.failed.startswith("Not noted anew: you wait for this since 14:00 UTC already")
    talk.say("abandon R-1", DANA)
    turns(talk)
    turns(talk)
    assert [row.text for row in told(talk, BEN)] == ["shop production products is free."]
    assert talk.ledger.waits() == ()
    assert text(talk.say("start shop products", EVE)).startswith("R-2 is open")


def test_the_next_one_is_not_told_while_the_app_is_locked(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    talk.say("queue shop products", BEN)
    talk.say('lock shop "checkout is down"', "U03ONCALL")
    talk.say("abandon R-1", DANA)
    turns(talk)
    assert told(talk, BEN) == []
    talk.say("unlock shop", "U02APPROVER")
    turns(talk)
    assert [row.text for row in told(talk, BEN)] == [
        "It is your turn: shop production products is free."
    ]


def test_who_leaves_the_queue_holds_nobody_up(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    talk.say("queue shop products", BEN)
    talk.say("queue shop products", EVE)
    assert text(talk.say("leave shop", BEN)) == "You wait no longer."
    assert text(talk.say("leave shop", BEN)) == "You wait for nothing there."
    listed = talk.say("queue", DANA)
    assert isinstance(listed, Said)
    assert listed.lines == (
        "Queue: 1. <@U13EVE> for shop production products, behind R-1, since 2026-03-01 14:00 UTC",
    )
    assert listed.lines[0] in talk.say("status", DANA).lines  # type: ignore[union-attr]
    assert listed.lines[0] in talk.say("status R-1", DANA).lines  # type: ignore[union-attr]


def test_the_owner_is_asked_by_a_message_at_most_once_in_ten_minutes(talk: Talk) -> None:
    talk.say('start shop products "New price table"', DANA)
    assert text(talk.say("ask R-1", BEN)) == "<@U12DANA> is asked, by a direct message."
    talk.say("ask R-1", BEN)
    (asked,) = told(talk, DANA)
    assert asked.text == ("<@U11BEN> asks for shop production products, which your R-1 holds.")
    assert [(offer.label, offer.release) for offer in asked.offers] == [("Abandon it", 1)]
    talk.say("abandon R-1", DANA)
    assert text(talk.say("ask R-1", BEN)) == "R-1 has ended: its routes are free."


def test_a_terminal_cannot_wait(talk: Talk) -> None:
    no = refused(talk, "queue shop products", "terminal:ana")
    assert no.failed == "Not noted: at a terminal nobody can be told later."


def test_where_says_for_each_place_what_is_free_live_and_queued(talk: Talk) -> None:
    talk.say("start shop products", DANA)
    talk.say("queue shop sale", BEN)
    talk.say('lock blog "moving" --for 2h --environment staging', "U03ONCALL")
    said = talk.say("where", EVE)
    assert isinstance(said, Said)
    assert said.text == "2 of 4 places are open now."
    assert said.lines == (
        "shop production: free: cart; 1 in the queue",
        "• R-1 of <@U12DANA> holds products, sale",
        "shop staging: free",
        "blog production: nothing is free",
        "• R-1 of <@U12DANA> holds posts",
        "blog staging: LOCKED by <@U03ONCALL> until 2026-03-01 16:00 UTC: moving",
    )
