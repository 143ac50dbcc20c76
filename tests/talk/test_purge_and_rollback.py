"""What is taken out, what is put back, and who may say so."""

from __future__ import annotations

import pytest

from bot.release.records import ActionKind, ActionState, Outcome
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState, StepState
from bot.work.deploying import HOOK
from tests.talk.conftest import Talk, text

OLD = {
    b"anp:page:/products": (b"old", 0),
    b"anp:fragment:products:1": (b"old", 99),
    b"anp:page:/cart": (b"cart", 0),
}


def _filled(talk: Talk) -> Talk:
    talk.redis.keys |= OLD
    return talk


def test_a_purge_takes_exactly_the_scope(talk: Talk) -> None:
    _filled(talk).until_purged()
    assert set(talk.redis.keys) == {b"anp:page:/cart"}
    verdict = talk.story().steps[2].verdict
    assert verdict is not None
    assert verdict.outcome is Outcome.PASS
    assert verdict.actual.startswith("2 keys taken out, 0 left")


def test_nothing_is_taken_before_the_approval(talk: Talk) -> None:
    _filled(talk).say("start shop products x")
    for number in (1, 2):
        talk.say(f"skip R-1 {number} not today")
    talk.say("run R-1 3")
    assert talk.redis.keys == OLD
    assert talk.story().steps[2].plan_hash is not None


def test_a_scope_that_moved_on_is_not_purged(talk: Talk) -> None:
    _filled(talk).say("start shop products x")
    for number in (1, 2):
        talk.say(f"skip R-1 {number} not today")
    talk.say("run R-1 3")
    talk.redis.put("anp:page:/products?page=2", "new")
    talk.say("approve R-1 3", "U02APPROVER")
    step = talk.story().steps[2]
    assert step.state is StepState.STOPPED
    assert step.verdict is not None
    assert step.verdict.evidence == "Not purged: the plan counted 2 keys, now there are 3."
    assert talk.redis.keys.items() >= OLD.items()


def test_rollback_puts_everything_back_and_locks(talk: Talk) -> None:
    _filled(talk).until_purged()
    talk.redis.put("anp:page:/products", "new")
    talk.redis.put("anp:page:/products?page=9", "new")
    assert text(talk.say("rollback R-1", "U03ONCALL")) == "Rolling back R-1."
    assert talk.redis.keys == OLD
    assert talk.hook_log.read_text() == "--to v1\n"
    story = talk.story()
    assert story.release.state is ReleaseState.ROLLED_BACK
    result = next(row for row in story.actions if row.kind is ActionKind.ROLLBACK).result
    assert (result["restored"], result["expected"], result["purged_new"]) == (2, 2, 2)
    assert story.lock is not None
    assert story.lock.by == "U03ONCALL"


def test_a_second_press_learns_who_and_when(talk: Talk) -> None:
    _filled(talk).until_purged()
    talk.say("rollback R-1", "U03ONCALL", work=False)
    again = text(talk.say("rollback R-1", "U02APPROVER", work=False))
    assert again.startswith("R-1 is already rolling back: started by <@U03ONCALL> at 14:00:")
    talk.work()
    assert "already rolled back: started by <@U03ONCALL>" in text(talk.say("rollback R-1"))
    assert talk.hook_log.read_text() == "--to v1\n"


def test_a_bystander_cannot_roll_back(talk: Talk) -> None:
    _filled(talk).until_purged()
    with pytest.raises(Refusal) as caught:
        talk.say("rollback R-1", "U04DEV")
    assert caught.value.code is Code.NOT_ALLOWED
    assert talk.story().release.state is ReleaseState.OPEN


def test_a_locked_app_is_not_released_until_an_approver_unlocks_it(talk: Talk) -> None:
    _filled(talk).until_purged()
    talk.say("rollback R-1", "U03ONCALL")
    with pytest.raises(Refusal) as caught:
        talk.say("start shop products again")
    assert caught.value.code is Code.LOCKED
    with pytest.raises(Refusal) as refused:
        talk.say("unlock shop", "U03ONCALL")
    assert refused.value.code is Code.NOT_ALLOWED
    assert text(talk.say("unlock shop", "U02APPROVER")) == "shop production is unlocked."
    assert text(talk.say("start shop products again")) == "R-2 is open in <#C01REL>: again."


def test_a_deploy_command_that_fails_stops_the_rollback_and_says_how_to_go_on(talk: Talk) -> None:
    _filled(talk).until_purged()
    hook = talk.hook_log.parent / "deploy.sh"
    hook.write_text("#!/bin/sh\necho no such version; exit 3\n")
    talk.say("rollback R-1", "U03ONCALL")
    story = talk.story()
    assert story.release.state is ReleaseState.ROLLBACK_FAILED
    failed = next(row for row in story.actions if row.kind is ActionKind.ROLLBACK)
    assert failed.state is ActionState.FAILED
    assert failed.result["failed"] == (
        "The app's rollback command ended with code 3: no such version"
    )
    assert set(talk.redis.keys) == {b"anp:page:/cart"}
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    assert talk.redis.keys == OLD


def test_a_cold_rollback_leaves_the_snapshot_where_it_is(talk: Talk) -> None:
    _filled(talk).until_purged()
    talk.redis.put("anp:page:/products", "new")
    talk.say("rollback R-1 --cold", "U03ONCALL")
    assert set(talk.redis.keys) == {b"anp:page:/cart"}


def test_the_app_is_asked_for_the_previous_version_once(talk: Talk) -> None:
    talk.until_purged()
    assert talk.story().release.previous == "v1"


def test_a_deploy_command_whose_end_was_not_seen_is_not_run_again_by_itself(talk: Talk) -> None:
    _filled(talk).until_purged()
    talk.say("rollback R-1", "U03ONCALL", work=False)
    (key,) = talk.queue.keys
    talk.ledger.op_begin(key, HOOK, talk.clock.now())
    talk.work()
    story = talk.story()
    assert story.release.state is ReleaseState.ROLLBACK_FAILED
    assert [row.state for row in story.actions if row.kind is ActionKind.ROLLBACK] == [
        ActionState.UNKNOWN
    ]
    assert not talk.hook_log.exists()
    talk.say("rollback R-1", "U03ONCALL")
    assert talk.hook_log.read_text() == "--to v1\n"
    assert talk.redis.keys == OLD


def test_a_rollback_without_a_purge_runs_the_deploy_command_and_leaves_the_cache(
    talk: Talk,
) -> None:
    _filled(talk).say("start shop products x --previous v1")
    talk.say("rollback R-1", "U03ONCALL")
    assert talk.hook_log.read_text() == "--to v1\n"
    assert talk.redis.keys == OLD
    assert talk.story().release.state is ReleaseState.ROLLED_BACK


def test_a_purge_whose_approval_was_overtaken_by_a_lock_takes_nothing(talk: Talk) -> None:
    _filled(talk).say("purge shop products")
    talk.say("run R-1")
    talk.say("approve R-1", "U02APPROVER", work=False)
    talk.say("lock shop wait", "U03ONCALL", work=False)
    talk.work()
    assert talk.story().steps[0].state is StepState.STOPPED
    assert talk.redis.keys == OLD


def test_a_rollback_that_comes_before_the_purge_began_stops_it(talk: Talk) -> None:
    _filled(talk).say("purge shop products")
    talk.say("run R-1")
    talk.say("approve R-1", "U02APPROVER", work=False)
    talk.say("rollback R-1 --no-deploy", "U03ONCALL", work=False)
    talk.work()
    assert talk.redis.keys == OLD
    assert talk.story().release.state is ReleaseState.ROLLED_BACK


def test_a_damaged_snapshot_is_found_before_anything_is_changed(talk: Talk) -> None:
    _filled(talk).until_purged()
    (segment,) = (talk.hook_log.parent / "snapshots").glob("r1-s3-*/segment-*")
    segment.write_bytes(segment.read_bytes()[:-1] + b"?")
    talk.redis.put("anp:page:/products", "new")
    talk.say("rollback R-1", "U03ONCALL")
    failed = next(row for row in talk.story().actions if row.kind is ActionKind.ROLLBACK)
    assert failed.result["code"] == Code.SNAPSHOT_DAMAGED
    assert failed.result["expected"].endswith("`rollback --cold` goes on without the snapshot.")
    assert not talk.hook_log.exists()
    assert set(talk.redis.keys) == {b"anp:page:/cart", b"anp:page:/products"}
    talk.say("rollback R-1 --cold", "U03ONCALL")
    assert talk.story().release.state is ReleaseState.ROLLED_BACK
    assert set(talk.redis.keys) == {b"anp:page:/cart"}


def test_what_a_rollback_took_out_is_counted_in_the_ledger(talk: Talk) -> None:
    _filled(talk).until_purged()
    talk.redis.put("anp:page:/products", "new")
    talk.say("rollback R-1", "U03ONCALL")
    forward = next(row for row in talk.story().snapshots if row.purpose == "forward")
    assert (forward.state, forward.keys) == ("sealed", 1)
