"""Forty people press at once; one wins, and nothing of the others is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Connection, update

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.effects.ledger.work_tables import ACTION
from bot.release.records import (
    ActionMove,
    ActionState,
    Change,
    Kept,
    Lock,
    Lost,
    Measurement,
    ReleaseMove,
)
from bot.release.states import ReleaseState, StepState
from tests.ledger_values import (
    NOON,
    approval,
    change,
    due,
    judged,
    kept,
    later,
    opened,
    post,
    request,
    step_move,
    story_of,
)


def test_of_forty_approvals_at_once_exactly_one_ends_the_step(ledger: SqlLedger) -> None:
    release = judged(ledger)
    done = step_move(release, 1, 3, StepState.DONE)

    def approve(number: int) -> Kept | Lost:
        given = approval(release, by=f"U{number}")
        asked = request(key=f"purge:{number}", release_id=release.id)
        return ledger.keep(
            change(by=f"U{number}", steps=(done,), approvals=(given,), requests=(asked,))
        )

    with ThreadPoolExecutor(40) as people:
        answers = list(people.map(approve, range(40)))
    assert answers.count(Kept()) == 1
    assert answers.count(Lost(what="step 1 of R-1 is already done")) == 39
    story = story_of(ledger, release)
    winner = f"U{answers.index(Kept())}"
    assert [row.by for row in story.approvals] == [winner]
    assert [row.key for row in story.actions] == [f"purge:{winner[1:]}"]
    assert (story.steps[0].state, story.steps[0].version) == (StepState.DONE, 4)
    assert [entry.by for entry in ledger.audit(limit=1)] == [winner]
    assert ledger.audit_head()[0] == 4


def test_of_forty_that_ask_for_the_same_work_one_asks_and_all_learn_who(ledger: SqlLedger) -> None:
    release = opened(ledger)
    to = ReleaseMove(id=release.id, seen_version=1, to=ReleaseState.ROLLING_BACK)

    def ask(number: int) -> Kept | Lost:
        asked = request(key="rollback:1:s1:1", release_id=release.id, asked_by=f"U{number}")
        return ledger.keep(change(by=f"U{number}", requests=(asked,), releases=(to,)))

    with ThreadPoolExecutor(40) as people:
        answers = list(people.map(ask, range(40)))
    assert answers.count(Kept()) == 1
    stands = ledger.action("rollback:1:s1:1")
    assert stands is not None
    assert stands.asked_by == f"U{answers.index(Kept())}"
    told = Lost(what=f"<@{stands.asked_by}> asked for this already at 12:00 UTC", asked=stands)
    assert answers.count(told) == 39
    assert story_of(ledger, release).release.version == 2


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("request", "<@U02ANA> asked for this already at 12:00 UTC"),
        ("approval", "you approved this already"),
        ("action", "purge:old is already failed"),
        ("release", "R-1 moved on and is open now"),
        ("step", "step 1 of R-1 moved on and is judged now"),
        ("unlock", "blog staging is not locked"),
    ],
)
def test_one_part_that_does_not_fit_keeps_all_the_others_out(
    ledger: SqlLedger, broken: str, what: str
) -> None:
    release = judged(ledger)
    kept(ledger, requests=(request("purge:old"),), approvals=(approval(release, by="U9"),))
    failed = ActionMove(key="purge:old", seen_fence=0, to=ActionState.FAILED, result={})
    kept(ledger, actions=(failed,))
    post(ledger, due(ledger, NOON))
    post(ledger, due(ledger, NOON))
    before = (story_of(ledger, release), ledger.audit(), ledger.locks())

    whole = whole_change(release_id=release.id)
    spoiled = {
        "request": replace(whole, requests=(*whole.requests, request("purge:old"))),
        "approval": replace(whole, approvals=(*whole.approvals, approval(release, by="U9"))),
        "action": replace(whole, actions=(failed,)),
        "release": replace(
            whole, releases=(ReleaseMove(id=1, seen_version=7, to=ReleaseState.DONE),)
        ),
        "step": replace(whole, steps=(step_move(release, 1, 2, StepState.DONE),)),
        "unlock": replace(whole, unlock=("blog", "staging")),
    }
    lost = ledger.keep(spoiled[broken])

    assert isinstance(lost, Lost)
    assert lost.what == what
    assert lost.asked == (ledger.action("purge:old") if broken == "request" else None)
    assert (story_of(ledger, release), ledger.audit(), ledger.locks()) == before
    assert ledger.action("purge:new") is None
    assert ledger.measurements(app="shop", environment="p", route="r", kind="latency") == ()
    assert due(ledger, later(60)) == []
    assert ledger.keep(whole) == Kept()
    assert due(ledger, later(60)) != []


def whole_change(release_id: int) -> Change:
    lock = Lock(app="shop", environment="production", reason="night", by="U1", at=NOON)
    measured = Measurement(
        release_id=release_id,
        app="shop",
        environment="p",
        route="r",
        kind="latency",
        phase="check",
        at=NOON,
        numbers={},
    )
    return change(
        release_id=release_id,
        requests=(request("purge:new"),),
        lock=lock,
        measurements=(measured,),
        cards=(f"root:{release_id}",),
    )


def test_two_that_wait_for_each_other_on_postgres_both_end_well(
    postgres_ledger: SqlLedger,
) -> None:
    kept(postgres_ledger, requests=(request("a"), request("b")))
    both_hold_one = Barrier(2, timeout=10)
    tries: list[str] = []

    def mark(connection: Connection, first: str, second: str) -> None:
        tries.append(first)
        connection.execute(update(ACTION).where(ACTION.c.key == first).values(step=7))
        if len(tries) <= 2:
            both_hold_one.wait()
        connection.execute(update(ACTION).where(ACTION.c.key == second).values(step=7))

    with ThreadPoolExecutor(2) as people:
        pairs = (("a", "b"), ("b", "a"))
        ends = [
            people.submit(postgres_ledger._write, lambda conn, pair=pair: mark(conn, *pair))
            for pair in pairs
        ]
        for end in ends:
            end.result()
    assert len(tries) == 3
    assert [action.step for action in postgres_ledger.unqueued(NOON, 0)] == [7, 7]
