"""Slack answers late, twice, not at all or no: nothing is posted twice, nothing is stuck, the owner is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import ActionState, Change, Kept
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.delivery import Delivery
from tests.slack.conftest import Clock
from tests.slack.stories import CATALOG, OLGA, a_look, name_of
from tests.slack.test_delivery import calls, messages, open_release, run_first_step, settle

CHANNEL = "C01REL"
DIRECT = "D01OWNER"
POST = "chat.postMessage"


@pytest.fixture
def delivery(client: WebClient, ledger: SqlLedger) -> Delivery:
    return Delivery(client, ledger, CATALOG, name_of, seconds=lambda: 0.0)


def metadata(client: WebClient, thread: str) -> list[str]:
    told = client.conversations_replies(channel=CHANNEL, ts=thread, include_all_metadata=True)
    return [message["metadata"]["event_payload"]["card"] for message in told["messages"]]


WHOLE = ["root:1", *(f"step:1:{number}" for number in range(1, 6))]


def test_a_reply_whose_answer_never_came_is_found_by_its_metadata(
    slack: SandboxSlack,
    ledger: SqlLedger,
    delivery: Delivery,
    clock: Clock,
    client: WebClient,
) -> None:
    open_release(ledger)
    delivery.deliver_once(clock.now())
    slack.fail_next(POST, after=True, delay=1.5)
    delivery.deliver_once(clock.now())
    assert delivery.deliver_once(clock.move(4.9)) == 0
    settle(delivery, clock)
    clock.move(1)
    settle(delivery, clock)
    root = ledger.message("root:1")
    assert root is not None
    assert metadata(client, root[1]) == WHOLE
    assert [call.args["include_all_metadata"] for call in slack.calls if "replies" in call.method]


def test_a_post_that_did_not_reach_slack_is_looked_for_and_then_posted(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next(POST, status=503)
    delivery.deliver_once(clock.now())
    delivery.deliver_once(clock.move(1))
    assert calls(slack, POST, "conversations.history") == [
        (POST, "http_503"),
        ("conversations.history", None),
        (POST, None),
    ]


def test_a_post_that_was_refused_is_not_looked_for(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next(POST, status=429, retry_after=3)
    delivery.deliver_once(clock.now())
    assert delivery.deliver_once(clock.move(2.9)) == 0
    delivery.deliver_once(clock.move(0.1))
    assert calls(slack, POST, "conversations.history") == [(POST, "http_429"), (POST, None)]


def test_a_sender_that_died_after_its_post_leaves_no_second_message(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock, client: WebClient
) -> None:
    class Dies(Exception):
        """The process ends here."""

    open_release(ledger)
    dying = Delivery(client, _Deaf(ledger, Dies), CATALOG, name_of, seconds=lambda: 0.0)
    with pytest.raises(Dies):
        dying.deliver_once(clock.now())
    clock.move(61)
    settle(delivery, clock)
    clock.move(1)
    settle(delivery, clock)
    root = ledger.message("root:1")
    assert root is not None
    assert metadata(client, root[1]) == WHOLE
    assert next(one for one in messages(slack) if one["thread_ts"] is None)["ts"] == root[1]
    assert len(messages(slack)) == 6


class _Deaf:
    """A ledger that ends the process where a message was sent."""

    def __init__(self, ledger: SqlLedger, end: type[Exception]) -> None:
        self._ledger = ledger
        self._end = end

    def __getattr__(self, name: str) -> Any:
        if name == "card_sent":
            raise self._end
        return getattr(self._ledger, name)


def test_a_history_that_may_not_be_read_does_not_stop_the_message(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next(POST, status=500)
    slack.fail_next("conversations.history", error="missing_scope")
    delivery.deliver_once(clock.now())
    delivery.deliver_once(clock.move(1))
    assert ledger.message("root:1") is not None


def test_a_wait_that_slack_asks_for_in_one_channel_holds_no_other_channel_back(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next(POST, status=429, retry_after=30)
    delivery.deliver_once(clock.now())
    look = replace(a_look(ActionState.ACCEPTED), key="check:1", channel=DIRECT)
    cards = ("action:check:1",)
    change = Change(act="check", by=OLGA, at=clock.now(), requests=(look,), cards=cards)
    assert isinstance(ledger.keep(change), Kept)
    delivery.deliver_once(clock.move(1))
    assert len(messages(slack, DIRECT)) == 1
    assert messages(slack) == []


def test_ten_posts_go_at_once_and_then_one_a_second_on_average(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    for number in range(3):
        open_release(ledger, route=f"route{number}")
    settle(delivery, clock)
    assert len(messages(slack)) == 10
    assert delivery.deliver_once(clock.move(9.9)) == 0
    clock.move(0.1)
    settle(delivery, clock)
    assert len(messages(slack)) == 18


def test_slack_is_away_for_ten_minutes_and_the_thread_is_right_afterwards(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock, client: WebClient
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    stamps = [message["ts"] for message in messages(slack)]
    slack.stop()
    run_first_step(ledger, clock)
    away_until = clock.now() + timedelta(minutes=10)
    while clock.now() < away_until:
        delivery.deliver_once(clock.move(5))
    assert ledger.dead_cards() == ()
    story = ledger.story(1)
    assert story is not None
    assert str(story.steps[0].state) == "running"
    slack.start()
    delivery.deliver_once(clock.move(60))
    settle(delivery, clock)
    assert [message["ts"] for message in messages(slack)] == stamps
    assert messages(slack)[0]["text"].startswith("R-1 1 of 5 · running")
    assert messages(slack)[1]["text"].startswith("R-1 step 1 running")
    assert delivery.deliver_once(clock.move(60)) == 0


def test_a_release_that_is_opened_while_slack_is_away_gets_its_thread_in_order(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock, client: WebClient
) -> None:
    slack.stop()
    open_release(ledger)
    for _ in range(40):
        delivery.deliver_once(clock.move(15))
    slack.start()
    clock.move(60)
    settle(delivery, clock, times=8)
    root = ledger.message("root:1")
    assert root is not None
    assert metadata(client, root[1]) == WHOLE


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("is_archived", "R-1 cannot be shown: its channel <#C01REL> is archived."),
        ("not_in_channel", "R-1 cannot be shown: the bot is not a member of <#C01REL>."),
        ("channel_not_found", "R-1 cannot be shown: Slack knows no channel <#C01REL> for the bot"),
    ],
)
def test_a_channel_that_takes_nothing_is_told_to_the_owner_once_and_tried_again_later(
    slack: SandboxSlack,
    ledger: SqlLedger,
    delivery: Delivery,
    clock: Clock,
    error: str,
    told: str,
) -> None:
    open_release(ledger)
    slack.fail_next(POST, error=error)
    settle(delivery, clock)
    (direct,) = messages(slack, DIRECT)
    assert direct["text"].startswith(told)
    labels = [
        button["text"]["text"]
        for block in direct["blocks"]
        if block["type"] == "actions"
        for button in block["elements"]
    ]
    assert labels == ["Where it stands", "Roll back"]
    slack.fail_next(POST, error=error)
    ledger.retry_dead((error,), since=clock.now(), before=clock.move(600))
    settle(delivery, clock)
    assert len(messages(slack, DIRECT)) == 1
    ledger.retry_dead((error,), since=clock.now() - timedelta(hours=1), before=clock.move(600))
    settle(delivery, clock)
    assert len(messages(slack)) == 6
    assert ledger.dead_cards() == ()


def test_an_owner_who_cannot_be_told_stops_nothing(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next(POST, error="is_archived")
    slack.fail_next(POST, error="channel_not_found")
    settle(delivery, clock)
    assert messages(slack, DIRECT) == []
    assert sorted(row.card.partition(":")[0] for row in ledger.dead_cards()) == ["notice", "root"]


def test_a_thread_that_is_gone_is_begun_anew_with_all_its_messages(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock, client: WebClient
) -> None:
    open_release(ledger)
    delivery.deliver_once(clock.now())
    root = ledger.message("root:1")
    assert root is not None
    client.chat_delete(channel=root[0], ts=root[1])
    settle(delivery, clock)
    clock.move(1)
    settle(delivery, clock)
    clock.move(1)
    settle(delivery, clock)
    anew = ledger.message("root:1")
    assert anew is not None
    assert anew[1] != root[1]
    assert metadata(client, anew[1]) == WHOLE
    assert ledger.dead_cards() == ()
