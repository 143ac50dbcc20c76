"""Whoever must act is called: in the thread, and by a direct message that stays true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from slack_sdk import WebClient

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.calling import call_change, wanted
from bot.release.membership import Membership
from bot.release.notices import Notice
from bot.release.records import (
    ActionKind,
    ActionState,
    Called,
    Change,
    Kept,
    Outcome,
    StepMove,
    Story,
    Verdict,
)
from bot.release.states import ReleaseState, StepState
from bot.sandbox.slack.server import SandboxSlack
from bot.slack.delivery import Delivery
from bot.slack.views.calling import call_card
from tests.slack.conftest import Clock
from tests.slack.reading import check_card
from tests.slack.stories import (
    ARI,
    AT,
    CATALOG,
    FAILED,
    NICO,
    OLGA,
    PASSED,
    a_release,
    a_run,
    a_step,
    a_story,
    name_of,
    planned_step,
)
from tests.slack.test_delivery import messages, open_release, settle
from tests.slack_person import buttons, shown

READY = a_story(a_step(2, StepState.READY))
JUDGED = a_story(a_step(2, StepState.JUDGED, verdict=PASSED))


def paused(by: str) -> Story:
    look = {"so_far": {"waves": [{"look": {"evidence": "p95 rose by 40 %."}}]}}
    run = a_run(3, ActionState.PAUSED, ActionKind.PURGE)
    return a_story(
        planned_step(StepState.ACTING), actions=(replace(run, control_by=by, progress=look),)
    )


@pytest.mark.parametrize(
    ("story", "called"),
    [
        (READY, [OLGA]),
        (replace(READY, moved_by=OLGA), []),
        (replace(READY, moved_by=ARI), [OLGA]),
        (JUDGED, [ARI]),
        (a_story(a_step(2, StepState.JUDGED, verdict=FAILED)), [OLGA]),
        (a_story(a_step(2, StepState.RUNNING)), []),
        (paused("cache-release"), [OLGA, NICO]),
        (paused(OLGA), []),
        (
            a_story(
                a_step(2, StepState.READY), release=a_release(state=ReleaseState.ROLLBACK_FAILED)
            ),
            [OLGA, NICO],
        ),
    ],
)
def test_who_must_act_is_called_and_who_brought_it_about_is_not(
    story: Story, called: list[str]
) -> None:
    wish = wanted(story, CATALOG)
    change = None if wish is None else call_change(story, wish, wish.people, AT)
    told = () if change is None else change.notices
    assert [row.to for row in told if row.to] == called
    assert [row.to for row in told][:1] == ([None] if called else [])


@pytest.fixture
def delivery(client: WebClient, ledger: SqlLedger) -> Delivery:
    return Delivery(client, ledger, CATALOG, name_of)


def direct(slack: SandboxSlack, user: str) -> list[dict]:
    state = slack.state(user)
    found = [row["id"] for row in state["channels"] if row.get("is_direct") or row["id"][0] == "D"]
    return [message for channel in found for message in state["messages"].get(channel, [])]


def judged(ledger: SqlLedger, clock: Clock) -> None:
    verdict = Verdict(outcome=Outcome.PASS, evidence="All fine.", actual="2 pages")
    moves = (
        (StepMove(release_id=1, number=1, seen_version=1, to=StepState.RUNNING), OLGA),
        (
            StepMove(
                release_id=1,
                number=1,
                seen_version=2,
                to=StepState.JUDGED,
                verdict=verdict,
                plan_hash="run-1",
            ),
            "cache-release",
        ),
    )
    for move, by in moves:
        keep(ledger, clock, move, by)


def keep(ledger: SqlLedger, clock: Clock, move: StepMove, by: str) -> None:
    cards = ("root:1", f"step:1:{move.number}")
    change = Change(
        act="approve", by=by, at=clock.move(5), release_id=1, steps=(move,), cards=cards
    )
    assert isinstance(ledger.keep(change), Kept)


def test_an_approver_is_called_once_and_the_call_follows_the_release(
    slack: SandboxSlack, ledger: SqlLedger, delivery: Delivery, clock: Clock
) -> None:
    open_release(ledger)
    settle(delivery, clock)
    assert direct(slack, OLGA) == []
    judged(ledger, clock)
    for _ in range(3):
        settle(delivery, clock)
        clock.move(5)
    call = messages(slack)[-1]
    assert call["text"].startswith(f"<@{ARI}> <!subteam^S01CACHE> please approve step 1")
    (told,) = direct(slack, ARI)
    assert told["text"].startswith("R-1 needs you, please approve step 1: shop production")
    assert "Thread of R-1" in shown(told)
    labels = [element["text"]["text"] for _, element in buttons(told)]
    assert labels[0] == "Approve"
    keep(ledger, clock, StepMove(release_id=1, number=1, seen_version=3, to=StepState.DONE), ARI)
    keep(ledger, clock, StepMove(release_id=1, number=2, seen_version=1, to=StepState.READY), ARI)
    for _ in range(3):
        settle(delivery, clock)
        clock.move(5)
    asks = [row["text"] for row in messages(slack) if "please" in row["text"]]
    assert asks == [f"<@{OLGA}> please run step 2 · Test logged-in traffic (R-1)."]
    (told,) = direct(slack, ARI)
    assert told["text"].startswith("R-1 2 of 5 · waiting for @olga to run it")
    assert "Approve" not in [element["text"]["text"] for _, element in buttons(told)]
    (mine,) = direct(slack, OLGA)
    assert "Run" in [element["text"]["text"] for _, element in buttons(mine)]


def test_who_made_the_plan_who_started_and_who_approved_are_not_called_to_approve() -> None:
    story = a_story(planned_step(), actions=(a_run(3, ActionState.DONE, ActionKind.RUN_STEP),))
    planned = replace(story, actions=(replace(story.actions[0], asked_by=ARI),))
    wish = wanted(planned, CATALOG)
    assert wish is not None
    assert wish.people == ("S01CACHE",)
    change = call_change(planned, wish, (ARI, OLGA, NICO), AT)
    assert change is not None
    assert [row.to for row in change.notices] == [None, NICO]


def test_a_group_is_called_by_each_of_its_members(
    slack: SandboxSlack, client: WebClient, ledger: SqlLedger, clock: Clock
) -> None:
    def members(group: str) -> Membership:
        return Membership(name=group, people=frozenset({NICO, OLGA}), at=AT)

    delivery = Delivery(client, ledger, CATALOG, name_of, members)
    open_release(ledger)
    judged(ledger, clock)
    settle(delivery, clock)
    clock.move(5)
    settle(delivery, clock)
    assert [len(direct(slack, who)) for who in (ARI, NICO, OLGA)] == [1, 1, 0]


def test_what_people_wrote_calls_nobody_and_styles_nothing_in_a_call() -> None:
    hostile = "<!channel> *x* & <@U02APPROVER>"
    story = a_story(
        replace(a_step(2, StepState.READY), title=hostile, expected=hostile),
        release=a_release(title=hostile),
    )
    wish = wanted(story, CATALOG)
    assert wish is not None
    for to in (None, OLGA):
        key = f"{wish.key}:{to or 'thread'}"
        called = replace(story, calls=(Called(key=key, to=to, at=AT),))
        notice = Notice(key=key, to=to, text="", at=AT, about=42)
        card = call_card(called, notice, CATALOG, name_of, "https://slack.test/archives/C/p1")
        check_card(card)
        parsed = [block["text"]["text"] for block in card.blocks if block["type"] == "section"]
        assert not any("<!channel>" in text or f"<@{ARI}>" in text for text in parsed)
        assert "&lt;!channel&gt;" in card.text
