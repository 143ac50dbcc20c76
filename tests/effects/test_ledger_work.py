"""The workers start, report and end what was asked for; an older run never speaks for a newer one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import ActionMove, ActionState
from bot.release.refusal import Code, Refusal
from tests.ledger_values import NOON, kept, later, opened, request, snapshot, story_of


def test_each_start_raises_the_fence_and_keeps_the_first_time(ledger: SqlLedger) -> None:
    asked = request("check:1")
    kept(ledger, requests=(asked,))
    first = ledger.start_action("check:1", later(1))
    second = ledger.start_action("check:1", later(2))
    running = replace(asked, state=ActionState.RUNNING, fence=1, started_at=later(1))
    assert (first, second) == (running, replace(running, fence=2))
    assert ledger.action("check:1") == second


def test_what_has_ended_or_was_never_asked_is_not_started(ledger: SqlLedger) -> None:
    kept(ledger, requests=(request("check:1"),))
    end = ActionMove(key="check:1", seen_fence=0, to=ActionState.UNKNOWN, result={"why": "crash"})
    kept(ledger, actions=(end,))
    assert ledger.start_action("check:1", NOON) is None
    assert ledger.start_action("check:2", NOON) is None


def test_an_action_is_asked_for_afresh_whatever_its_value_says(ledger: SqlLedger) -> None:
    kept(ledger, requests=(request("check:1", state=ActionState.DONE, fence=9),))
    assert ledger.action("check:1") == request("check:1")


def test_progress_is_recorded_only_for_the_run_that_has_the_work(ledger: SqlLedger) -> None:
    kept(ledger, requests=(request("check:1"),))
    assert not ledger.progress("check:1", 0, {"done": 1}, NOON)
    ledger.start_action("check:1", NOON)
    assert ledger.progress("check:1", 1, {"done": 5}, NOON)
    ledger.start_action("check:1", NOON)
    assert not ledger.progress("check:1", 1, {"done": 6}, NOON)
    stands = ledger.action("check:1")
    assert stands is not None
    assert stands.progress == {"done": 5}
    kept(ledger, actions=(ActionMove(key="check:1", seen_fence=2, to=ActionState.DONE, result={}),))
    assert not ledger.progress("check:1", 2, {"done": 7}, NOON)


def test_an_effect_that_must_not_happen_twice_begins_once(ledger: SqlLedger) -> None:
    kept(ledger, requests=(request("rollback:1"),))
    assert ledger.op_step("rollback:1", "hook") is None
    assert ledger.op_begin("rollback:1", "hook", NOON)
    assert ledger.op_step("rollback:1", "hook") == "started"
    assert not ledger.op_begin("rollback:1", "hook", later(1))
    ledger.op_end("rollback:1", "hook", "done", "exit 0", later(2))
    assert ledger.op_step("rollback:1", "hook") == "done"
    assert not ledger.op_begin("rollback:1", "hook", later(3))
    assert ledger.op_begin("rollback:1", "webhook", later(3))


def test_an_effect_ends_only_if_it_began_and_in_a_known_way(ledger: SqlLedger) -> None:
    kept(ledger, requests=(request("rollback:1"),))
    with pytest.raises(Refusal) as refused:
        ledger.op_end("rollback:1", "hook", "done", "", NOON)
    assert refused.value.code is Code.INTERNAL
    assert refused.value.failed == (
        "The effect hook of rollback:1 ended without having been started."
    )
    ledger.op_begin("rollback:1", "hook", NOON)
    with pytest.raises(IntegrityError, match="ck_op_step_state"):
        ledger.op_end("rollback:1", "hook", "perhaps", "", NOON)
    assert ledger.op_step("rollback:1", "hook") == "started"


def test_what_was_asked_and_never_started_is_found_after_a_while(ledger: SqlLedger) -> None:
    asked = tuple(request(f"check:{second}", asked_at=later(second)) for second in (0, 5, 20))
    kept(ledger, requests=asked)
    ledger.start_action("check:0", later(21))
    assert ledger.unqueued(later(14.9), 10) == ()
    assert ledger.unqueued(later(15), 10) == (asked[1],)
    assert ledger.unqueued(later(30), 10) == asked[1:]
    assert [action.key for action in ledger.running()] == ["check:0"]


def test_snapshots_expire_once(ledger: SqlLedger) -> None:
    release = opened(ledger)
    early = snapshot(release, id="early", expires_at=later(10), state="sealed")
    late = snapshot(release, id="late", expires_at=later(20), state="sealed")
    kept(ledger, snapshots=(late, early))
    assert ledger.expired_snapshots(later(9)) == ()
    assert ledger.expired_snapshots(later(20)) == (early, late)
    ledger.snapshot_state("early", "expired", later(20))
    assert ledger.expired_snapshots(later(20)) == (late,)
    assert story_of(ledger, release).snapshots == (replace(early, state="expired"), late)
    entry = ledger.audit(release.id, limit=1)[0]
    assert (entry.act, entry.by, entry.at, entry.body) == (
        "snapshot expired",
        "cache-release",
        later(20),
        {"snapshot": "early", "state": "expired"},
    )


def test_a_snapshot_that_is_not_known_has_no_state(ledger: SqlLedger) -> None:
    with pytest.raises(Refusal) as refused:
        ledger.snapshot_state("gone", "expired", NOON)
    assert (refused.value.code, refused.value.failed) == (
        Code.UNKNOWN_NAME,
        "There is no snapshot gone.",
    )
    assert ledger.audit() == ()
