"""A purge that goes in waves: what is looked at between them, and what people say to it meanwhile."""

from __future__ import annotations

import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bot.release.catalog import Catalog
from bot.release.pace import TEMPO, Pace
from bot.release.records import Action, ActionKind, ActionState, Outcome
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState, StepState
from bot.release.waves import part_of
from tests.talk.conftest import CATALOG, Talk, text


class Killed(BaseException):
    """The worker's process is gone; nothing of it could say so."""


# The look just before a purge, and the one just after it: the page twice, a page that is not purged once.
BESIDE = ["/products", "/products", "/cart"]
KEYS = [f"anp:page:/products?page={number}" for number in range(2_000)]
IN_FIRST = sum(part_of(key.encode()) < 100 for key in KEYS)
IN_SECOND = sum(part_of(key.encode()) < 1_000 for key in KEYS)


def _purge(talk: Talk) -> Action:
    return next(row for row in talk.story().actions if row.kind is ActionKind.PURGE)


def _planned(talk: Talk) -> Talk:
    for key in KEYS:
        talk.redis.put(key, "old")
    talk.redis.put("anp:page:/cart", "cart")
    talk.say("purge shop products")
    talk.say("run R-1")
    return talk


def _once(talk: Talk, at: int, *lines: str, who: str = "U03ONCALL") -> list[str]:
    """Say the lines when that many keys are out; report what was answered."""
    answers: list[str] = []

    def meanwhile(done: int) -> None:
        if done >= at and not answers:
            answers.extend(text(talk.say(line, who, work=False)) for line in lines)
            # Progress is told four times a second; what people said is heeded then.
            time.sleep(0.3)

    talk.redis.meanwhile = meanwhile
    return answers


def test_a_large_purge_in_production_goes_in_three_waves_with_a_look_after_each_but_the_last(
    talk: Talk,
) -> None:
    _planned(talk).say("approve R-1", "U02APPROVER")
    assert [(wave.first, wave.last) for wave in talk.redis.waves] == [
        (0, 100),
        (100, 1_000),
        (1_000, 10_000),
    ]
    waves = _purge(talk).progress["so_far"]["waves"]
    assert [wave["taken"] for wave in waves] == [IN_FIRST, IN_SECOND, 2_000]
    assert [wave.get("look", {}).get("outcome") for wave in waves] == ["pass", "pass", None]
    assert talk.web.asked == [*BESIDE, *["/products"] * 9, *BESIDE]
    assert set(talk.redis.keys) == {b"anp:page:/cart"}
    assert [row.keys for row in talk.story().snapshots] == [2_000]


def test_a_small_purge_and_one_on_staging_go_at_once(talk: Talk) -> None:
    for key in KEYS[:900]:
        talk.redis.put(key)
    talk.say("purge shop products")
    talk.say("run R-1")
    talk.say("approve R-1", "U02APPROVER")
    assert [wave.whole for wave in talk.redis.waves] == [True]
    for key in KEYS:
        talk.redis.put(key)
    talk.say("purge shop products --env staging")
    talk.say("run R-2")
    talk.say("approve R-2", "U02APPROVER")
    assert [wave.whole for wave in talk.redis.waves] == [True, True]
    assert talk.web.asked == [*BESIDE, *BESIDE] * 2


def test_errors_after_the_first_wave_pause_the_purge_until_a_person_resumes_it(talk: Talk) -> None:
    _planned(talk)

    def meanwhile(done: int) -> None:
        talk.web.status = 503

    talk.redis.meanwhile = meanwhile
    talk.say("approve R-1", "U02APPROVER")
    action = _purge(talk)
    assert (action.state, action.control_by) == (ActionState.PAUSED, "cache-release")
    look = action.progress["so_far"]["waves"][0]["look"]
    assert look["evidence"] == (
        "After wave 1: 3 of 3 requests failed, 0 before the purge: /products answered 503."
    )
    assert (len(talk.redis.keys), talk.states()) == (2_001 - IN_FIRST, ["acting"])
    assert [row.keys for row in talk.story().snapshots] == [IN_FIRST]
    talk.redis.meanwhile = lambda done: None
    talk.web.status = 200
    assert text(talk.say("resume R-1", "U03ONCALL")) == "Resuming the purge of R-1."
    assert set(talk.redis.keys) == {b"anp:page:/cart"}
    waves = _purge(talk).progress["so_far"]["waves"]
    assert [wave.get("look", {}).get("outcome") for wave in waves] == ["fail", "pass", None]
    assert talk.story().release.state is ReleaseState.DONE


def test_a_pause_in_the_middle_of_a_wave_loses_nothing_and_resume_goes_on_there(
    talk: Talk,
) -> None:
    answers = _once(_planned(talk), 700, "pause R-1")
    talk.say("approve R-1", "U02APPROVER")
    assert answers == ["Pausing the purge of R-1."]
    action, out = _purge(talk), 2_001 - len(talk.redis.keys)
    assert (action.state, action.control_by) == (ActionState.PAUSED, "U03ONCALL")
    assert 700 <= out < 1_000
    assert action.progress["so_far"]["taken"] == out
    assert [row.keys for row in talk.story().snapshots] == [out]
    assert "The purge is paused by <@U03ONCALL> at 14:00 UTC." in talk.say("status R-1").lines  # type: ignore[union-attr]
    again = text(talk.say("pause R-1", "U02APPROVER"))
    assert again == ("R-1 was already paused by <@U03ONCALL> at 14:00 UTC. Nothing was done twice.")
    talk.say("resume R-1", "U02APPROVER")
    assert _purge(talk).state is ActionState.DONE
    assert _purge(talk).result["taken"] == 2_000
    assert talk.redis.waves[-1].first == 1_000
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert len(talk.redis.keys) == 2_001


def test_a_stopped_purge_says_what_it_took_and_can_be_rolled_back(talk: Talk) -> None:
    answers = _once(_planned(talk), 300, "stop R-1")
    talk.say("approve R-1", "U02APPROVER")
    assert answers == ["Stopping the purge of R-1."]
    step = talk.story().steps[0]
    assert step.state is StepState.STOPPED
    assert step.verdict is not None
    assert step.verdict.evidence == (
        "Stopped by <@U03ONCALL>. What was taken out is in the snapshot of R-1."
    )
    assert 300 <= talk.story().snapshots[0].keys < 600
    talk.redis.meanwhile = lambda done: None
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert len(talk.redis.keys) == 2_001
    assert talk.story().release.state is ReleaseState.ROLLED_BACK


def test_a_paused_purge_is_stopped_without_a_worker_and_run_again_with_a_new_plan(
    talk: Talk,
) -> None:
    _once(_planned(talk), 300, "pause R-1")
    talk.say("approve R-1", "U02APPROVER")
    talk.redis.meanwhile = lambda done: None
    assert text(talk.say("stop R-1", work=False)) == "Stopping the purge of R-1."
    assert talk.states() == ["stopped"]
    assert _purge(talk).state is ActionState.FAILED
    first_plan = talk.story().steps[0].plan_hash
    talk.say("run R-1")
    assert talk.story().steps[0].plan_hash != first_plan
    talk.say("approve R-1", "U02APPROVER")
    assert set(talk.redis.keys) == {b"anp:page:/cart"}
    assert sum(row.keys for row in talk.story().snapshots) == 2_000
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert len(talk.redis.keys) == 2_001


def test_a_paused_purge_is_ended_by_the_rollback(talk: Talk) -> None:
    _once(_planned(talk), 300, "pause R-1")
    talk.say("approve R-1", "U02APPROVER")
    talk.redis.meanwhile = lambda done: None
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert len(talk.redis.keys) == 2_001
    story = talk.story()
    assert story.release.state is ReleaseState.ROLLED_BACK
    assert [row.state for row in story.actions if row.kind is ActionKind.PURGE] == [
        ActionState.FAILED
    ]
    assert talk.states() == ["stopped"]


def test_a_pause_that_comes_before_the_purge_began_holds_it(talk: Talk) -> None:
    _planned(talk).say("approve R-1", "U02APPROVER", work=False)
    talk.say("pause R-1", work=False)
    talk.work()
    assert (_purge(talk).state, len(talk.redis.keys)) == (ActionState.PAUSED, 2_001)
    talk.say("resume R-1", "U02APPROVER")
    assert set(talk.redis.keys) == {b"anp:page:/cart"}


def test_a_pause_that_was_taken_back_before_the_worker_saw_it_pauses_nothing(talk: Talk) -> None:
    answers = _once(_planned(talk), 300, "pause R-1", "resume R-1")
    talk.say("approve R-1", "U02APPROVER")
    assert answers == ["Pausing the purge of R-1.", "Resuming the purge of R-1."]
    assert (_purge(talk).state, _purge(talk).resumed) == (ActionState.DONE, 0)


def test_a_pause_pressed_when_it_had_just_ended_says_so(talk: Talk) -> None:
    _planned(talk).say("approve R-1", "U02APPROVER")
    for verb, word in (("pause", "paused"), ("stop", "stopped")):
        with pytest.raises(Refusal) as refused:
            talk.say(f"{verb} R-1")
        assert refused.value.code is Code.NOT_NOW
        assert refused.value.failed.startswith(f"Not {word}: the purge of R-1 had ended at 14:0")
        assert refused.value.failed.endswith("UTC, 2,000 keys are in its snapshot.")


def test_the_pace_changes_while_it_runs(talk: Talk) -> None:
    answers = _once(_planned(talk), 1_000, "pace R-1 gentle")
    talk.say("approve R-1", "U02APPROVER")
    assert answers == ["The purge of R-1 goes on at the pace gentle, before normal."]
    assert talk.redis.tempos[0] == TEMPO[Pace.NORMAL]
    assert talk.redis.tempos[-1] == TEMPO[Pace.GENTLE]
    assert _purge(talk).pace == "gentle"
    with pytest.raises(Refusal) as refused:
        talk.say("pace R-1 quick")
    assert refused.value.failed == "Not changed: quick is no pace."


@pytest.mark.parametrize("verb", ["pause", "stop", "pace"])
def test_a_bystander_steers_nothing(talk: Talk, verb: str) -> None:
    _planned(talk).say("approve R-1", "U02APPROVER", work=False)
    with pytest.raises(Refusal) as refused:
        talk.say(f"{verb} R-1 fast", "U04DEV", work=False)
    assert refused.value.code is Code.NOT_ALLOWED
    assert _purge(talk).control_by is None


def test_the_owner_may_pause_but_not_resume(talk: Talk) -> None:
    _planned(talk).say("approve R-1", "U02APPROVER", work=False)
    talk.say("pause R-1")
    with pytest.raises(Refusal) as refused:
        talk.say("resume R-1", "U01OWNER")
    assert refused.value.code is Code.NOT_ALLOWED
    assert _purge(talk).state is ActionState.PAUSED


def test_the_second_pass_tells_old_values_that_came_back_from_new_ones(talk: Talk) -> None:
    _planned(talk)

    def meanwhile(done: int) -> None:
        if done == 2_000:
            for number in range(3):
                talk.redis.put(KEYS[number], "old")
            for number in range(3, 12):
                talk.redis.put(KEYS[number], "new")

    talk.redis.meanwhile = meanwhile
    talk.say("approve R-1", "U02APPROVER")
    verdict = talk.story().steps[0].verdict
    assert verdict is not None
    assert verdict.outcome is Outcome.UNSURE
    assert "12 keys came back, 3 of them with old content: look whether" in verdict.evidence
    assert (verdict.numbers["left"], verdict.numbers["old"]) == (12, 3)


def test_a_killed_worker_goes_on_with_its_wave_and_repeats_no_look(talk: Talk) -> None:
    _planned(talk)

    def meanwhile(done: int) -> None:
        if done > IN_FIRST:
            raise Killed

    talk.redis.meanwhile = meanwhile
    talk.say("approve R-1", "U02APPROVER", work=False)
    (key,) = talk.queue.keys
    with pytest.raises(Killed):
        talk.work()
    assert _purge(talk).state is ActionState.RUNNING
    talk.redis.meanwhile = lambda done: None
    talk.performer.perform(key)
    assert [wave.first for wave in talk.redis.waves] == [0, 100, 100, 1_000]
    assert talk.web.asked == [*BESIDE, *["/products"] * 9, *BESIDE]
    assert _purge(talk).result["taken"] == 2_000
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert len(talk.redis.keys) == 2_001


def test_a_worker_killed_after_a_look_that_was_not_well_asks_without_looking_again(
    talk: Talk,
) -> None:
    _planned(talk)

    def meanwhile(done: int) -> None:
        talk.web.status = 500

    talk.redis.meanwhile = meanwhile
    talk.say("approve R-1", "U02APPROVER")
    asked, action = len(talk.web.asked), _purge(talk)
    # As if the process had died between the look's record and the pause's.
    talk.say("resume R-1", "U03ONCALL", work=False)
    talk.queue.keys.clear()
    so_far = dict(action.progress["so_far"])
    so_far["waves"][0]["look"]["turn"] = 1
    started = talk.ledger.start_action(action.key, talk.clock.now())
    assert started is not None
    talk.ledger.progress(
        action.key, started.fence, {**action.progress, "so_far": so_far}, talk.clock.now()
    )
    talk.performer.perform(f"{action.key}#1")
    assert (_purge(talk).state, len(talk.web.asked)) == (ActionState.PAUSED, asked)


def _with_products(talk: Talk, folder: Path, route: dict[str, Any]) -> Talk:
    catalog: dict[str, Any] = deepcopy(CATALOG)
    catalog["apps"]["shop"]["routes"]["products"].update(route)
    folder.mkdir()
    return Talk(talk.ledger, folder, Catalog.model_validate(catalog))


def test_a_route_that_wants_it_is_warmed_after_each_wave_with_its_own_pages_only(
    talk: Talk, tmp_path: Path
) -> None:
    warm = _planned(_with_products(talk, tmp_path / "warm", {"warm": True}))
    warm.redis.put("anp:page:/products-old", "a neighbour's")
    warm.say("run R-1")
    warm.say("approve R-1", "U02APPROVER")
    assert warm.web.asked[:3] == warm.web.asked[-3:] == BESIDE
    fetched = set(warm.web.asked[3:-3])
    assert "/products?page=0" in fetched
    assert len(fetched) == 20
    assert all(page.startswith("/products") and page != "/products-old" for page in fetched)
    verdict = warm.story().steps[0].verdict
    assert verdict is not None
    assert "pages fetched to warm the cache" in verdict.actual
    assert len(warm.web.asked) == 9 + 3 * len(fetched) + 2 * len(BESIDE)


def test_a_release_that_is_abandoned_while_its_purge_is_paused_leaves_nothing_waiting(
    talk: Talk,
) -> None:
    _once(_planned(talk), 300, "pause R-1")
    talk.say("approve R-1", "U02APPROVER")
    talk.redis.meanwhile = lambda done: None
    talk.say("abandon R-1")
    assert (talk.states(), _purge(talk).state) == (["stopped"], ActionState.FAILED)
    assert talk.story().release.state is ReleaseState.ABANDONED
    talk.say("rollback R-1 --no-deploy", "U03ONCALL")
    assert len(talk.redis.keys) == 2_001


def test_a_pace_is_told_to_a_paused_purge_as_well(talk: Talk) -> None:
    _once(_planned(talk), 300, "pause R-1")
    talk.say("approve R-1", "U02APPROVER")
    talk.redis.tempos.clear()
    talk.say("pace R-1 fast")
    talk.say("resume R-1", "U02APPROVER")
    assert set(talk.redis.tempos) == {TEMPO[Pace.FAST]}


def test_a_release_without_a_purge_has_none_to_pause(talk: Talk) -> None:
    talk.say("start shop products x")
    with pytest.raises(Refusal) as refused:
        talk.say("pause R-1")
    assert refused.value.failed == "Not paused: no purge of R-1 was begun."
