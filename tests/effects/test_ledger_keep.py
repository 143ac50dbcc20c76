"""A change is kept whole or not at all, and whoever comes second learns what stands."""

from __future__ import annotations

from dataclasses import replace

from bot.effects.ledger.keep import leading_to
from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import (
    ActionMove,
    ActionState,
    Lock,
    Lost,
    ReleaseMove,
)
from bot.release.states import STEP, ReleaseState, StepState
from tests.ledger_values import (
    NOON,
    VERDICT,
    approval,
    change,
    kept,
    later,
    opened,
    request,
    snapshot,
    step_move,
    story_of,
)


def test_a_move_is_refused_from_a_state_that_does_not_lead_there(ledger: SqlLedger) -> None:
    release = opened(ledger)
    skipped_ahead = ledger.keep(change(steps=(step_move(release, 2, 1, StepState.DONE),)))
    assert skipped_ahead == Lost(what="step 2 of R-1 moved on and is waiting now")
    nowhere = ledger.keep(change(steps=(step_move(release, 9, 1, StepState.DONE),)))
    assert nowhere == Lost(what="there is no step 9 of R-1")
    back = ReleaseMove(id=release.id, seen_version=1, to=ReleaseState.ROLLED_BACK)
    assert ledger.keep(change(releases=(back,))) == Lost(what="R-1 moved on and is open now")
    gone = ReleaseMove(id=99, seen_version=1, to=ReleaseState.DONE)
    assert ledger.keep(change(releases=(gone,))) == Lost(what="there is no R-99")


def test_the_states_that_lead_to_another_come_from_the_one_table() -> None:
    assert leading_to(STEP, StepState.DONE) == ("judged", "acting")
    assert leading_to(STEP, StepState.RUNNING) == ("ready", "running", "judged", "stopped")
    assert leading_to(STEP, StepState.WAITING) == ("waiting",)


def test_a_step_keeps_what_a_move_leaves_alone(ledger: SqlLedger) -> None:
    release = opened(ledger)
    plan = {"patterns": [{"pattern": "anp:*", "keys": 3}]}
    running = step_move(release, 1, 1, StepState.RUNNING, owner="U7")
    done = step_move(
        release, 1, 2, StepState.JUDGED, verdict=VERDICT, plan=plan, plan_hash="h1", reason="why"
    )
    kept(ledger, steps=(running,))
    kept(ledger, steps=(done,))
    kept(ledger, steps=(step_move(release, 1, 3, StepState.RUNNING),))
    step = story_of(ledger, release).steps[0]
    assert (step.owner, step.verdict, step.plan, step.plan_hash, step.reason, step.version) == (
        "U7",
        VERDICT,
        plan,
        "h1",
        "why",
        4,
    )


def test_a_rollback_brings_an_ended_release_back_to_life(ledger: SqlLedger) -> None:
    release = opened(ledger)
    done = ReleaseMove(id=1, seen_version=1, to=ReleaseState.DONE, previous="v7", ended=True)
    kept(ledger, releases=(done,))
    assert story_of(ledger, release).release.ended_at == NOON
    back = ReleaseMove(id=1, seen_version=2, to=ReleaseState.ROLLING_BACK)
    kept(ledger, releases=(back,))
    now = story_of(ledger, release).release
    assert (now.state, now.previous, now.ended_at) == (ReleaseState.ROLLING_BACK, "v7", None)


def test_an_action_ends_once_and_only_for_the_run_that_has_it(ledger: SqlLedger) -> None:
    kept(ledger, requests=(request("check:1"),))
    ledger.start_action("check:1", later(1))
    ledger.start_action("check:1", later(2))
    old = ActionMove(key="check:1", seen_fence=1, to=ActionState.DONE, result={"keys": 1})
    assert ledger.keep(change(actions=(old,))) == Lost(
        what="check:1 was started again: run 2 has it now, this was run 1"
    )
    kept(ledger, actions=(replace(old, seen_fence=2),), at=later(3))
    ended = ledger.action("check:1")
    assert ended is not None
    assert (ended.state, ended.result, ended.started_at, ended.ended_at) == (
        ActionState.DONE,
        {"keys": 1},
        later(1),
        later(3),
    )
    again = replace(old, seen_fence=2, to=ActionState.FAILED)
    assert ledger.keep(change(actions=(again,))) == Lost(what="check:1 is already done")
    unknown = replace(old, key="check:2")
    assert ledger.keep(change(actions=(unknown,))) == Lost(what="there is no work called check:2")


def test_a_person_approves_each_plan_once(ledger: SqlLedger) -> None:
    release = opened(ledger)
    kept(ledger, approvals=(approval(release),))
    assert ledger.keep(change(approvals=(approval(release),))) == Lost(
        what="you approved this already"
    )
    kept(ledger, approvals=(approval(release, by="U3"), approval(release, plan_hash="q" * 64)))
    assert len(story_of(ledger, release).approvals) == 3


def test_a_snapshot_grows_and_keeps_its_birth(ledger: SqlLedger) -> None:
    release = opened(ledger)
    kept(ledger, snapshots=(snapshot(release),))
    sealed = snapshot(release, state="sealed", keys=5_000_000_000, bytes=2**40, created_at=later(9))
    kept(ledger, snapshots=(sealed,))
    assert story_of(ledger, release).snapshots == (replace(sealed, created_at=NOON),)


def test_an_app_is_locked_relocked_and_unlocked_once(ledger: SqlLedger) -> None:
    lock = Lock(app="shop", environment="production", reason="night", by="U1", at=NOON)
    kept(ledger, lock=lock)
    newer = replace(lock, reason="still night", by="U2", at=later(5))
    kept(ledger, lock=newer, lock_from="U1")
    assert ledger.locks() == (newer,)
    assert ledger.lock("shop", "staging") is None
    kept(ledger, unlock=("shop", "production"))
    assert ledger.lock("shop", "production") is None
    assert ledger.keep(change(unlock=("shop", "production"))) == Lost(
        what="shop production is not locked"
    )
