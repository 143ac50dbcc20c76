"""Messages reach the sandbox Slack whatever it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import (
    ActionKind,
    ActionMove,
    ActionState,
    Change,
    Kept,
    NewRelease,
    NewStep,
    ReleaseMove,
    StepMove,
)
from bot.release.states import ReleaseState, StepState
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.delivery import Delivery
from tests.slack.conftest import Clock
from tests.slack.stories import AT, CATALOG, KINDS, OLGA, a_look, a_rollback, name_of

CHANNEL = "C01REL"


@pytest.fixture
def delivery(client: WebClient, ledger: SqlLedger) -> Delivery:
    return Delivery(client, ledger, CATALOG, name_of, seconds=lambda: 0.0)


def open_release(ledger: SqlLedger, channel: str = CHANNEL, route: str = "products") -> int:
    steps = tuple(
        NewStep(kind=kind, title=title, owner=OLGA, expected="Fine.", rollback_note="Roll back.")
        for kind, title in KINDS
    )
    new = NewRelease(
        app="shop",
        environment="production",
        routes=(route,),
        title="New price table",
        starter=OLGA,
        owner=OLGA,
        channel=channel,
        previous=None,
        catalog_hash="c",
        steps=steps,
    )
    opened = ledger.open_release(new, by=OLGA, at=AT)
    assert not hasattr(opened, "what"), opened
    return 1


def settle(delivery: Delivery, clock: Clock, times: int = 4) -> None:
    """Deliver until nothing is due any more at this moment."""
    for _ in range(times):
        if delivery.deliver_once(clock.now()) == 0:
            return


def messages(slack: SandboxSlack, channel: str = CHANNEL) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = slack.state(OLGA)["messages"][channel]
    return found


def calls(slack: SandboxSlack, *names: str) -> list[tuple[str, str | None]]:
    return [(call.method, call.error) for call in slack.calls if call.method in names]


def run_first_step(ledger: SqlLedger, clock: Clock) -> None:
    move = StepMove(release_id=1, number=1, seen_version=1, to=StepState.RUNNING)
    change = Change(
        act="run",
        by=OLGA,
        at=clock.now(),
        release_id=1,
        steps=(move,),
        cards=("step:1:1", "root:1"),
    )
    assert isinstance(ledger.keep(change), Kept)


def test_a_release_becomes_a_root_message_with_its_steps_in_its_thread(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    root, *replies = messages(slack)
    assert root["text"].startswith("R-1 1 of 5 · waiting for @olga to run it")
    assert [reply["thread_ts"] for reply in replies] == [root["ts"]] * 5
    assert [reply["text"][:12] for reply in replies] == [f"R-1 step {n} w" for n in range(1, 6)]
    assert ledger.message("root:1") == (CHANNEL, root["ts"])
    first = next(call for call in slack.calls if call.method == "chat.postMessage")
    assert first.args["metadata"] == {
        "event_type": "cache_release",
        "event_payload": {"card": "root:1"},
    }


def test_what_is_unchanged_is_not_sent_again(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    before = len(slack.calls)
    again = Change(act="look", by=OLGA, at=clock.now(), release_id=1, cards=("root:1",))
    assert isinstance(ledger.keep(again), Kept)
    assert delivery.deliver_once(clock.move(10)) == 1
    assert len(slack.calls) == before
    assert delivery.deliver_once(clock.move(10)) == 0


def test_a_change_edits_the_messages_in_place(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    stamps = [message["ts"] for message in messages(slack)]
    run_first_step(ledger, clock)
    clock.move(5)
    settle(delivery, clock)
    assert [message["ts"] for message in messages(slack)] == stamps
    assert messages(slack)[0]["text"].startswith("R-1 1 of 5 · running")
    assert calls(slack, "chat.update") == [("chat.update", None)] * 2


def test_too_fast_waits_as_long_as_slack_says_and_holds_the_rest_back(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    run_first_step(ledger, clock)
    slack.fail_next("chat.update", status=429, retry_after=7)
    clock.move(5)
    delivery.deliver_once(clock.now())
    assert calls(slack, "chat.update") == [("chat.update", "http_429")]
    assert delivery.deliver_once(clock.move(6.5)) == 0
    assert delivery.deliver_once(clock.move(1)) == 2
    assert calls(slack, "chat.update")[1:] == [("chat.update", None)] * 2


def test_a_failing_slack_is_asked_again_after_1_then_2_then_4_seconds(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next("chat.postMessage", status=500, times=3)
    delivery.deliver_once(clock.now())
    for wait in (1, 2, 4):
        before = len(slack.calls)
        delivery.deliver_once(clock.move(wait - 0.1))
        assert len(slack.calls) == before
        delivery.deliver_once(clock.move(0.1))
    settle(delivery, clock)
    assert len(messages(slack)) == 6
    assert calls(slack, "chat.postMessage")[:4] == [
        *[("chat.postMessage", "http_500")] * 3,
        ("chat.postMessage", None),
    ]


def test_a_message_that_was_deleted_is_posted_anew(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock, client: WebClient
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    spot = ledger.message("step:1:1")
    assert spot is not None
    client.chat_delete(channel=spot[0], ts=spot[1])
    run_first_step(ledger, clock)
    clock.move(5)
    settle(delivery, clock)
    replaced = ledger.message("step:1:1")
    assert replaced is not None
    assert replaced[1] != spot[1]
    found = next(message for message in messages(slack) if message["ts"] == replaced[1])
    assert found["text"].startswith("R-1 step 1 running")
    assert found["thread_ts"] == messages(slack)[0]["ts"]


def test_blocks_that_slack_refuses_become_a_sentence_with_the_buttons(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next("chat.postMessage", error="invalid_blocks")
    settle(delivery, clock)
    root = messages(slack)[0]
    assert [block["type"] for block in root["blocks"]] == ["section", "actions"]
    assert root["blocks"][0]["text"]["text"] == root["text"]
    assert root["blocks"][1]["elements"][0]["text"]["text"] == "Roll back"


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("channel_not_found", "channel_not_found: in the channel, type /invite @cache-release"),
        ("not_in_channel", "not_in_channel: in the channel, type /invite @cache-release"),
        ("is_archived", "is_archived"),
    ],
)
def test_a_channel_that_cannot_be_written_to_is_given_up_with_a_hint(
    slack: SandboxSlack,
    ledger: SqlLedger,
    delivery: Delivery,
    clock: Clock,
    error: str,
    hint: str,
) -> None:
    open_release(ledger)
    slack.fail_next("chat.postMessage", error=error)
    settle(delivery, clock)
    assert [(dead.card, dead.error) for dead in ledger.dead_cards()] == [("root:1", hint)]
    assert messages(slack) == []


def test_a_channel_without_the_bot_is_given_up_by_slacks_own_word(
    ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger, channel="C02RANDOM")
    settle(delivery, clock)
    assert [dead.error for dead in ledger.dead_cards()] == [
        "not_in_channel: in the channel, type /invite @cache-release"
    ]


def test_a_post_whose_answer_was_lost_is_found_and_not_posted_twice(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    slack.fail_next("chat.postMessage", status=502, after=True)
    delivery.deliver_once(clock.now())
    clock.move(1)
    settle(delivery, clock)
    roots = [message for message in messages(slack) if message["thread_ts"] is None]
    assert len(roots) == 1
    assert ledger.message("root:1") == (CHANNEL, roots[-1]["ts"])
    replies = [message for message in messages(slack) if message["thread_ts"] is not None]
    assert {reply["thread_ts"] for reply in replies} == {roots[-1]["ts"]}
    assert len(replies) == 5


def test_a_silent_slack_is_asked_again(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    run_first_step(ledger, clock)
    slack.fail_next("chat.update", delay=1.5)
    clock.move(5)
    delivery.deliver_once(clock.now())
    delivery.deliver_once(clock.move(5))
    assert messages(slack)[0]["text"].startswith("R-1 1 of 5 · running")


def test_the_end_is_sent_to_the_channel_as_well(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    asked = replace(a_rollback(ActionState.ACCEPTED), key="rollback:1:none:1", release_id=1)
    moved = ReleaseMove(id=1, seen_version=1, to=ReleaseState.ROLLING_BACK)
    cards = ("root:1", "rollback:1")
    assert isinstance(
        ledger.keep(
            Change(
                act="rollback",
                by=OLGA,
                at=clock.now(),
                release_id=1,
                releases=(moved,),
                requests=(asked,),
                cards=cards,
            )
        ),
        Kept,
    )
    clock.move(5)
    settle(delivery, clock)
    assert messages(slack)[-1]["text"] == "R-1 is rolling back: queued."
    started = ledger.start_action(asked.key, clock.now())
    assert started is not None
    ended = ActionMove(
        key=asked.key,
        seen_fence=started.fence,
        to=ActionState.DONE,
        result={"restored": 1204, "expected": 1204, "seconds": 4.1},
    )
    assert isinstance(
        ledger.keep(
            Change(
                act="rolled back",
                by=OLGA,
                at=clock.now(),
                release_id=1,
                actions=(ended,),
                cards=(*cards, "end:1"),
            )
        ),
        Kept,
    )
    clock.move(5)
    settle(delivery, clock)
    last = messages(slack)[-1]
    assert last["text"] == "R-1 rolled back: 1,204 of 1,204 restored in 4.1 s."
    assert last["broadcast"] is True
    assert last["thread_ts"] == messages(slack)[0]["ts"]


def test_a_look_is_shown_where_it_was_asked_and_nowhere_if_at_a_terminal(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    here = a_look(ActionState.ACCEPTED)
    nowhere = replace(here, key="headers:x", kind=ActionKind.HEADERS, channel=None)
    change = Change(
        act="check",
        by=OLGA,
        at=clock.now(),
        requests=(here, nowhere),
        cards=(f"action:{here.key}", f"action:{nowhere.key}"),
    )
    assert isinstance(ledger.keep(change), Kept)
    settle(delivery, clock)
    assert [message["text"] for message in messages(slack)] == [
        "Response time of products of shop production."
    ]
    assert [dead.card for dead in ledger.dead_cards()] == [f"action:{nowhere.key}"]


def test_a_message_nobody_can_draw_does_not_hold_up_the_others(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    broken = a_look(ActionState.ACCEPTED)
    broken = replace(broken, key="a", args={"app": "shop", "environment": "x", "routes": 7})
    change = Change(
        act="check",
        by=OLGA,
        at=clock.now(),
        requests=(broken, a_look(ActionState.ACCEPTED)),
        cards=("action:a", f"action:{a_look(ActionState.ACCEPTED).key}"),
    )
    assert isinstance(ledger.keep(change), Kept)
    settle(delivery, clock)
    assert len(messages(slack)) == 1
