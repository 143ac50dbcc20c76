"""Messages go out once, in order, not too often, and never lose the newest wish."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.notices import Notice
from bot.release.records import DueCard
from tests.ledger_values import (
    CHANNEL,
    NOON,
    drained,
    due,
    kept,
    later,
    names,
    opened,
    post,
    request,
)


def test_the_root_goes_first_and_its_steps_wait_until_it_stands(ledger: SqlLedger) -> None:
    opened(ledger)
    root = due(ledger, NOON)
    assert root == [
        DueCard(id=root[0].id, card="root:1", attempts=0, channel=None, ts=None, digest=None)
    ]
    assert due(ledger, NOON) == []
    post(ledger, root)
    assert names(due(ledger, NOON)) == ["step:1:1", "step:1:2", "step:1:3"]


def test_the_rollback_card_comes_after_the_steps_and_the_end_card_last(ledger: SqlLedger) -> None:
    opened(ledger)
    kept(ledger, cards=("end:1", "rollback:1", "step:1:2", "root:1"))
    post(ledger, due(ledger, NOON))
    cards = names(due(ledger, NOON))
    assert cards == ["step:1:1", "step:1:2", "step:1:3", "rollback:1", "end:1"]


def test_a_step_that_was_never_posted_holds_back_the_ones_after_it(ledger: SqlLedger) -> None:
    opened(ledger)
    post(ledger, due(ledger, NOON))
    first = due(ledger, NOON, limit=1)
    assert names(first) == ["step:1:1"]
    assert due(ledger, NOON, sender="two") == []
    ledger.card_later(first[0].id, later(5), "ratelimited")
    assert due(ledger, later(4)) == []
    assert names(due(ledger, later(5))) == ["step:1:1", "step:1:2", "step:1:3"]


def test_a_posted_card_that_must_wait_holds_nothing_back(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1", "step:1:1", "step:1:2"))
    root = due(ledger, NOON, limit=1)
    ledger.card_later(root[0].id, later(30), "ratelimited")
    assert names(due(ledger, NOON)) == ["step:1:1", "step:1:2"]


def test_releases_and_lone_cards_do_not_wait_for_each_other(ledger: SqlLedger) -> None:
    opened(ledger)
    opened(ledger, routes=("news",))
    kept(ledger, requests=(request("check:1"),), cards=("action:check:1",), at=later(1))
    first = due(ledger, later(1), limit=1)
    assert names(first) == ["root:1"]
    assert names(due(ledger, later(1))) == ["root:2", "action:check:1"]


def test_wishes_for_one_message_become_one_sending(ledger: SqlLedger) -> None:
    drained(ledger)
    for _ in range(5):
        kept(ledger, cards=("root:1", "root:1"), at=later(10))
    assert names(due(ledger, later(10))) == ["root:1"]
    assert due(ledger, later(10)) == []


def test_a_posted_card_comes_with_where_it_stands(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, cards=("step:1:2",))
    found = due(ledger, NOON)
    assert found == [
        DueCard(
            id=found[0].id,
            card="step:1:2",
            attempts=0,
            channel=CHANNEL,
            ts="ts-step:1:2",
            digest="d1",
        )
    ]
    assert ledger.message("step:1:2") == (CHANNEL, "ts-step:1:2")
    assert ledger.message("step:1:9") is None


def test_a_wish_that_comes_while_the_message_is_being_sent_is_not_lost(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1",))
    sending = due(ledger, NOON)
    kept(ledger, cards=("root:1",), at=later(1))
    assert due(ledger, later(1)) == []
    post(ledger, sending, later(2))
    again = due(ledger, later(2))
    assert names(again) == ["root:1"]
    post(ledger, again, later(2))
    assert due(ledger, later(60)) == []


def test_of_two_senders_each_message_goes_to_one(ledger: SqlLedger) -> None:
    for number in range(6):
        opened(ledger, routes=(f"route{number}",))
    with ThreadPoolExecutor(8) as senders:
        taken = list(senders.map(lambda name: due(ledger, NOON, str(name), limit=2), range(8)))
    cards = names(list(chain.from_iterable(taken)))
    assert sorted(cards) == [f"root:{number}" for number in range(1, 7)]


def test_what_a_sender_that_died_had_taken_is_given_to_the_next(ledger: SqlLedger) -> None:
    opened(ledger)
    dead = due(ledger, NOON)
    assert due(ledger, later(29.9), sender="two") == []
    taken_over = due(ledger, later(30), sender="two")
    assert names(taken_over) == ["root:1"]
    ledger.card_later(dead[0].id, later(600), "came back from the dead")
    ledger.card_dead(dead[0].id, "came back from the dead", later(31))
    assert ledger.dead_cards() == ()
    post(ledger, dead, later(31))
    assert ledger.message("root:1") is None
    post(ledger, taken_over, later(32))
    assert names(due(ledger, later(32))) == ["step:1:1", "step:1:2", "step:1:3"]


def test_a_call_on_its_way_is_drawn_again_when_its_release_moves_meanwhile(
    ledger: SqlLedger,
) -> None:
    drained(ledger)
    call = Notice(key="call:1:run:2:U1", to="U1", text="R-1 needs you.", at=NOON, about=1)
    kept(ledger, notices=(call,))
    (underway,) = due(ledger, NOON)
    kept(ledger, release_id=1, cards=("root:1",))
    ledger.card_sent(underway.id, underway.card, CHANNEL, "9.9", "digest", NOON)
    assert names(due(ledger, later(5))) == ["notice:call:1:run:2:U1", "root:1"]


def test_a_call_that_reached_nobody_is_not_tried_again_by_each_move(ledger: SqlLedger) -> None:
    drained(ledger)
    call = Notice(key="call:1:run:2:U1", to="U1", text="R-1 needs you.", at=NOON, about=1)
    kept(ledger, notices=(call,))
    (lost,) = due(ledger, NOON)
    ledger.card_dead(lost.id, "user_not_found", NOON)
    kept(ledger, release_id=1, cards=("root:1",))
    assert names(due(ledger, later(5))) == ["root:1"]


def test_what_a_dead_sender_had_in_hand_is_given_back_at_once(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1",))
    (lost,) = due(ledger, NOON, sender="killed")
    assert ledger.senders(NOON) == ("killed",)
    assert due(ledger, later(1), sender="other") == []
    ledger.free_sender("killed")
    (taken,) = due(ledger, later(1), sender="other")
    assert taken.card == "root:1"
    assert ledger.senders(later(1)) == ("other",)
    ledger.card_sent(lost.id, lost.card, CHANNEL, "6.6", "late", later(2))
    assert ledger.message("root:1") == (CHANNEL, "ts-root:1")


def test_a_sender_whose_time_is_over_has_nothing_in_hand(ledger: SqlLedger) -> None:
    opened(ledger)
    due(ledger, NOON, sender="slow")
    assert ledger.senders(later(31)) == ()
