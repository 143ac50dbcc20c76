"""Failures wait as Slack asks, progress does not redraw too often, what is gone is posted anew."""

from __future__ import annotations

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.undelivered import DeadCard
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


def test_failures_are_counted_until_one_succeeds(ledger: SqlLedger) -> None:
    opened(ledger)
    for attempt in range(3):
        card = due(ledger, later(attempt))[0]
        assert card.attempts == attempt
        ledger.card_later(card.id, later(attempt + 1), "timeout")
    post(ledger, due(ledger, later(3)), later(3))
    kept(ledger, cards=("root:1",), at=later(4))
    assert due(ledger, later(4))[0].attempts == 0


def test_a_change_does_not_cut_short_the_wait_that_slack_asked_for(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1",))
    ledger.card_later(due(ledger, NOON)[0].id, later(30), "ratelimited")
    kept(ledger, cards=("root:1",), at=later(1))
    assert due(ledger, later(29)) == []
    assert names(due(ledger, later(30))) == ["root:1"]


def test_a_message_that_was_given_up_is_listed_and_tried_again_at_the_next_change(
    ledger: SqlLedger,
) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1",))
    ledger.card_dead(due(ledger, NOON)[0].id, "is_archived", later(1))
    assert ledger.dead_cards() == (
        DeadCard(card="root:1", error="is_archived", at=later(1), release_id=1),
    )
    assert due(ledger, later(3600)) == []
    kept(ledger, cards=("root:1",), at=later(2))
    assert ledger.dead_cards() == ()
    assert names(due(ledger, later(2))) == ["root:1"]


def test_progress_redraws_a_card_at_most_every_three_seconds(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, requests=(request("purge:1", release_id=1, step=2),))
    ledger.start_action("purge:1", NOON)

    def tell(second: float) -> bool:
        return ledger.progress("purge:1", 1, {}, later(second), cards=("step:1:2",))

    assert tell(1)
    assert due(ledger, later(2.9)) == []
    sending = due(ledger, later(3))
    assert names(sending) == ["step:1:2"]
    assert tell(3.1)
    post(ledger, sending, later(3.2))
    assert due(ledger, later(6)) == []
    assert names(due(ledger, later(6.1))) == ["step:1:2"]


def test_a_decision_does_not_wait_for_the_pace_of_progress(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, requests=(request("purge:1", release_id=1, step=2),))
    ledger.start_action("purge:1", NOON)
    ledger.progress("purge:1", 1, {}, later(1), cards=("step:1:2",))
    kept(ledger, cards=("step:1:2",), at=later(1.5))
    assert names(due(ledger, later(1.5))) == ["step:1:2"]


def test_progress_does_not_revive_a_message_that_was_given_up(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, requests=(request("purge:1"),), cards=("root:1",))
    ledger.card_dead(due(ledger, NOON)[0].id, "is_archived", NOON)
    ledger.start_action("purge:1", NOON)
    assert ledger.progress("purge:1", 1, {}, later(9), cards=("root:1",))
    assert due(ledger, later(60)) == []
    assert len(ledger.dead_cards()) == 1


def test_a_message_deleted_in_slack_is_posted_anew(ledger: SqlLedger) -> None:
    drained(ledger)
    ledger.forget_message("step:1:2")
    ledger.forget_message("step:1:9")
    assert ledger.message("step:1:2") is None
    card = due(ledger, NOON)
    assert names(card) == ["step:1:2"]
    assert card[0].ts is None


def test_a_root_deleted_in_slack_takes_its_whole_thread_along(ledger: SqlLedger) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1",))
    sending = due(ledger, NOON)
    ledger.forget_message("root:1")
    assert ledger.release_in_thread(CHANNEL, "ts-root:1") is None
    ledger.card_later(sending[0].id, later(1), "message_not_found")
    root = due(ledger, later(1))
    assert names(root) == ["root:1"]
    post(ledger, root, later(1))
    assert names(due(ledger, later(1))) == ["step:1:1", "step:1:2", "step:1:3"]


def test_what_is_drawn_in_a_thread_while_it_is_forgotten_is_drawn_again_in_the_new_one(
    ledger: SqlLedger,
) -> None:
    drained(ledger)
    kept(ledger, cards=("root:1", "step:1:1"))
    root, step = due(ledger, NOON)
    ledger.forget_message("root:1")
    ledger.card_sent(root.id, "root:1", CHANNEL, "ts-new", "d2", later(1))
    ledger.card_sent(step.id, "step:1:1", CHANNEL, "ts-old", "d2", later(1))
    assert ledger.release_in_thread(CHANNEL, "ts-new") == 1
    assert ledger.message("step:1:1") is None
    assert names(due(ledger, later(1))) == ["root:1", "step:1:1", "step:1:2", "step:1:3"]
