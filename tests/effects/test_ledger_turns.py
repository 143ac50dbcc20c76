"""All senders keep one pace, a click goes first, and what may stand unheard of is remembered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.budget import Budget, Turn
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

TWO = Budget(calls=2, seconds=10.0, kept=1)
WAY = "chat.postMessage C01REL"


def take(ledger: SqlLedger, card: DueCard, second: float, *, hurry: bool = True) -> Turn:
    return ledger.take_turn(card.id, WAY, TWO, later(second), hurry=hurry, posts=False)


def test_the_pace_is_kept_over_processes(ledger: SqlLedger, ledger_url: str) -> None:
    opened(ledger)
    (card,) = due(ledger, NOON)
    other = open_ledger(ledger_url)
    assert take(ledger, card, 0) == Turn()
    assert take(other, card, 1, hurry=False) == Turn(wait_until=later(10))
    assert take(other, card, 1) == Turn()
    assert take(ledger, card, 2) == Turn(wait_until=later(10))
    assert take(ledger, card, 10) == Turn()
    other.close()


def test_many_at_once_get_as_many_turns_as_there_are(ledger: SqlLedger) -> None:
    opened(ledger)
    (card,) = due(ledger, NOON)
    with ThreadPoolExecutor(8) as senders:
        turns = list(senders.map(lambda n: take(ledger, card, n / 100), range(8)))
    assert sum(turn.wait_until is None for turn in turns) == 2


def test_a_wait_that_slack_asked_for_holds_for_every_process_and_only_for_that_way(
    ledger: SqlLedger, ledger_url: str
) -> None:
    opened(ledger)
    (card,) = due(ledger, NOON)
    ledger.wait_on(WAY, later(30))
    other = open_ledger(ledger_url)
    assert take(other, card, 29) == Turn(wait_until=later(30))
    assert other.take_turn(card.id, "chat.update", TWO, later(1), hurry=True, posts=False) == Turn()
    assert take(other, card, 30) == Turn()
    other.close()


def test_a_sender_whose_message_was_taken_over_may_not_send_it(ledger: SqlLedger) -> None:
    opened(ledger)
    (dead,) = due(ledger, NOON)
    (mine,) = due(ledger, later(30), sender="two")
    assert take(ledger, dead, 31) == Turn(mine=False)
    assert take(ledger, mine, 31) == Turn()


def test_a_post_is_unsure_until_it_is_sent_refused_or_found(ledger: SqlLedger) -> None:
    opened(ledger)
    (card,) = due(ledger, NOON)
    assert card.unsure_since is None
    ledger.take_turn(card.id, WAY, TWO, later(1), hurry=True, posts=True)
    ledger.card_later(card.id, later(2), "timeout")
    (again,) = due(ledger, later(2))
    assert again.unsure_since == later(1)
    ledger.post_refused(again.id)
    ledger.card_later(again.id, later(3), "ratelimited")
    (sure,) = due(ledger, later(3))
    assert sure.unsure_since is None


def test_a_message_that_was_found_stands_and_is_drawn_again_at_once(ledger: SqlLedger) -> None:
    opened(ledger)
    (card,) = due(ledger, NOON)
    ledger.take_turn(card.id, WAY, TWO, NOON, hurry=True, posts=True)
    ledger.card_found(card.id, "root:1", CHANNEL, "ts-found", later(1))
    assert ledger.message("root:1") == (CHANNEL, "ts-found")
    root = due(ledger, later(1))[0]
    assert (root.card, root.ts, root.unsure_since) == ("root:1", "ts-found", None)
    post(ledger, [root], later(2))
    assert "root:1" not in names(due(ledger, later(2)))


def test_what_a_sender_that_died_may_have_posted_is_unsure_for_the_next(ledger: SqlLedger) -> None:
    opened(ledger)
    (card,) = due(ledger, NOON)
    ledger.take_turn(card.id, WAY, TWO, later(1), hurry=True, posts=True)
    (taken_over,) = due(ledger, later(31), sender="two")
    assert taken_over.unsure_since == later(1)
    post(ledger, [card], later(31))
    assert ledger.message("root:1") is None


def test_what_a_person_waits_for_goes_before_the_redraws_of_progress(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, requests=(request("purge:1", release_id=1, step=2),))
    ledger.start_action("purge:1", NOON)
    assert ledger.progress("purge:1", 1, {}, later(1), cards=("root:1", "step:1:1"))
    kept(ledger, cards=("step:1:3",), at=later(5))
    cards = due(ledger, later(5))
    assert [(card.card, card.hurry) for card in cards] == [
        ("step:1:3", True),
        ("root:1", False),
        ("step:1:1", False),
    ]


def test_a_click_does_not_wait_where_progress_is_held_back(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, requests=(request("purge:1", release_id=1, step=2),))
    ledger.start_action("purge:1", NOON)
    ledger.progress("purge:1", 1, {}, later(1), cards=("root:1",))
    (card,) = due(ledger, later(5))
    ledger.card_held(card.id, later(60))
    assert due(ledger, later(59)) == []
    kept(ledger, cards=("root:1",), at=later(6))
    (again,) = due(ledger, later(6))
    assert (again.card, again.hurry, again.attempts) == ("root:1", True, 0)


def test_a_click_that_comes_while_progress_is_sent_is_not_held_back_with_it(
    ledger: SqlLedger,
) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1",))
    (card,) = due(ledger, NOON)
    kept(ledger, cards=("root:1",), at=later(1))
    ledger.card_held(card.id, later(60))
    assert names(due(ledger, later(2))) == ["root:1"]


def test_messages_that_no_channel_took_are_tried_again_as_long_as_they_are_new(
    ledger: SqlLedger,
) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1", "step:1:1"), at=later(1))
    root, step = due(ledger, later(1))
    ledger.card_dead(root.id, "not_in_channel: in the channel, type /invite", later(2))
    ledger.card_dead(step.id, "invalid_blocks", later(2))
    errors = ("is_archived", "not_in_channel")
    assert ledger.retry_dead(errors, since=later(5), before=later(600)) == 0
    assert ledger.retry_dead(errors, since=NOON, before=later(1)) == 0
    assert ledger.retry_dead(errors, since=NOON, before=later(600)) == 1
    assert names(due(ledger, later(600))) == ["root:1"]
    assert [row.card for row in ledger.dead_cards()] == ["step:1:1"]
