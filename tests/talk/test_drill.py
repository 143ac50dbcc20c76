"""The rollback is rehearsed on copies: when somebody asks, before a purge, and once a month."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.commands import Said
from bot.effects.keyspace.drill import Copied
from bot.effects.snapshots.frames import Captured
from bot.release.drilling import budget_words
from bot.release.records import Action, ActionState
from bot.release.refusal import Code, Refusal
from bot.slack.views.look import look_card
from bot.slack.views.release import root_card
from bot.work.drill_monthly import ask_monthly_drills
from bot.work.report import EVERY_S
from tests.fakes.redis_keyspace import FakeKeyspace
from tests.talk.conftest import Talk, text

PAGES = tuple(f"anp:page:/products/{number}" for number in range(300))


class Forgetful(FakeKeyspace):
    """A server that loses a copy while it is rehearsed on."""

    def restore(self, snapshot: Any, **options: Any) -> Any:
        """Put back all but one."""
        outcome = super().restore(snapshot, **options)
        self.keys.pop(next(key for key in self.keys if key.startswith(b"~q:")), None)
        return outcome


class Overtaken(FakeKeyspace):
    """A server on which somebody presses Roll back while the copies are compared."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk

    def verify(self, snapshot: Any, **options: Any) -> Any:
        """Press, and wait long enough for the next look at the ledger."""
        if self._talk.story().release.state == "open":
            self._talk.say("rollback R-1", "U03ONCALL", work=False)
            time.sleep(EVERY_S)
        return super().verify(snapshot, **options)


def planted(talk: Talk) -> None:
    for page in PAGES:
        talk.redis.put(page, "old")


def drilled(talk: Talk, line: str = "drill R-1", who: str = "U03ONCALL") -> Action:
    reply = talk.say(line, who)
    assert isinstance(reply, Said)
    assert reply.action is not None
    action = talk.ledger.action(reply.action)
    assert action is not None
    return action


def test_a_drill_leaves_every_key_as_it_was_and_nothing_else(talk: Talk) -> None:
    planted(talk)
    talk.say("start shop products First")
    before = dict(talk.redis.keys)
    reply = talk.say("drill R-1", "U03ONCALL", work=False)
    assert text(reply) == "Rehearsing the rollback of R-1."
    talk.work()
    assert talk.redis.keys == before
    assert talk.snapshots.ids() == ()


def test_what_a_killed_drill_left_on_the_disk_is_removed_by_the_run_that_follows(
    talk: Talk,
) -> None:
    planted(talk)
    talk.say("start shop products First")
    talk.say("drill R-1", "U03ONCALL", work=False)
    (key,) = talk.queue.keys
    name = f"drill-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    with talk.snapshots.writer(name) as writer:
        writer.begin(stage="killed", patterns=("~q:drill-killed:*",), server="", dump_format=1)
        writer.append([Captured(key=b"~q:drill-killed:a", expires_at=0, dump=b"x")], {"": 1})
    assert talk.snapshots.ids() == (name,)
    talk.work()
    action = talk.ledger.action(key)
    assert action is not None
    assert (action.state, action.result["numbers"]["keys"]) == (ActionState.DONE, 200)
    assert talk.snapshots.ids() == ()


def test_a_rollback_that_is_pressed_meanwhile_stops_the_drill_before_the_purge(talk: Talk) -> None:
    talk.redis = Overtaken(talk)
    planted(talk)
    before = dict(talk.redis.keys)
    talk.until_purged()
    assert talk.story().release.state == "rolled_back"
    assert (talk.redis.keys, talk.story().snapshots) == (before, ())
    assert talk.story().drill is None


def test_a_drill_before_anything_is_counted_says_what_was_rehearsed(talk: Talk) -> None:
    planted(talk)
    talk.say("start shop products First")
    action = drilled(talk)
    numbers = action.result["numbers"]
    assert (action.state, action.result["outcome"]) == (ActionState.DONE, "pass")
    assert (numbers["keys"], numbers["skipped"]) == (200, 0)
    assert action.result["evidence"] == f"Rehearsed: 200 keys in {numbers['seconds']:.1f} s."


def test_a_drill_of_a_plan_says_how_long_its_rollback_would_take(talk: Talk) -> None:
    planted(talk)
    talk.say("purge shop products")
    talk.say("run R-1 1")
    action = drilled(talk)
    said = budget_words("R-1", action.result["numbers"], len(PAGES))
    assert "a rollback of R-1 (300 keys) would take about" in said
    assert action.result["evidence"] == f"Rehearsed; {said}"
    assert said in str(look_card(action, lambda person: person))
    assert "Drill of the rollback" in str(look_card(action, lambda person: person))


def test_the_card_and_the_status_say_that_it_was_rehearsed(talk: Talk) -> None:
    planted(talk)
    talk.say("start shop products First")
    drilled(talk)
    drill = talk.story().drill
    assert drill is not None
    seconds = drill.numbers["seconds"]
    card = str(root_card(talk.story(), talk.tools.catalog, lambda person: person))
    assert f"Rehearsed <!date^{int(drill.at.timestamp())}^" in card
    assert f" by U03ONCALL: 200 keys in {seconds:.1f} s (copies)" in card
    reply = talk.say("status R-1")
    assert isinstance(reply, Said)
    said = (
        f"Rollback rehearsed on copies: 200 keys in {seconds:.1f} s, {drill.at:%Y-%m-%d %H:%M} UTC."
    )
    assert said in reply.lines


def test_a_purge_in_production_is_rehearsed_before_its_first_key(talk: Talk) -> None:
    planted(talk)
    talk.until_purged()
    story = talk.story()
    assert story.drill is not None
    assert (story.drill.numbers["keys"], story.drill.phase) == (200, "check")
    acts = [row.act for row in talk.ledger.audit(1)]
    assert acts[:3] == ["purged", "snapshot opened", "drill done"]
    assert talk.snapshots.ids() == (story.snapshots[0].id,)
    assert talk.redis.keys == {}


def test_a_purge_in_staging_is_not_rehearsed(talk: Talk) -> None:
    planted(talk)
    talk.say('start shop products "New price table" --previous v1 --environment staging')
    for number in (1, 2, 3):
        talk.say(f"run R-1 {number}")
        talk.say(f"approve R-1 {number}", "U02APPROVER")
    assert talk.states()[2] == "done"
    assert talk.story().drill is None


def test_a_purge_whose_drill_fails_is_refused_and_takes_nothing(talk: Talk) -> None:
    talk.redis = Forgetful()
    planted(talk)
    before = dict(talk.redis.keys)
    talk.until_purged()
    line = talk.story().steps[2]
    assert (line.state, talk.story().snapshots) == ("stopped", ())
    assert line.verdict is not None
    assert line.verdict.evidence == (
        "Not purged: the rollback could not be rehearsed. The drill failed: of 200 copies 199 came "
        "back as they were. No key of the app was touched."
    )
    assert talk.redis.keys == before
    assert talk.snapshots.ids() == ()


def test_a_purge_of_nothing_says_that_nothing_was_rehearsed(talk: Talk) -> None:
    talk.until_purged()
    assert talk.states()[2] == "done"
    drill = talk.story().drill
    assert drill is not None
    assert drill.numbers["keys"] == 0
    card = str(root_card(talk.story(), talk.tools.catalog, lambda person: person))
    assert "Not rehearsed: no key in scope" in card
    action = drilled(talk)
    assert (action.state, action.result["outcome"], action.result["evidence"]) == (
        ActionState.DONE,
        "unsure",
        "R-1: not rehearsed, its scope holds no key now that could be copied.",
    )


def test_a_drill_that_fails_says_so_and_records_no_success(talk: Talk) -> None:
    talk.redis = Forgetful()
    planted(talk)
    talk.say("start shop products First")
    action = drilled(talk)
    assert (action.state, action.result["code"]) == (ActionState.FAILED, Code.DRILL_FAILED)
    assert talk.story().drill is None


def test_a_drill_is_for_those_who_may_roll_back(talk: Talk) -> None:
    talk.say("start shop products First")
    with pytest.raises(Refusal) as refused:
        talk.say("drill R-1", "U04DEV")
    assert refused.value.code is Code.NOT_ALLOWED


def finished(talk: Talk) -> None:
    planted(talk)
    talk.until_purged()
    for page in PAGES:
        talk.redis.put(page, "new")
    for number in (4, 5):
        talk.say(f"skip R-1 {number} not needed", "U02APPROVER")
    assert talk.story().release.state == "done"


def monthly(talk: Talk, month: int) -> Action | None:
    ask_monthly_drills(talk.tools, datetime(2026, month, 9, tzinfo=UTC))
    talk.work()
    return talk.ledger.action(f"drill:monthly:shop:2026-{month:02}")


def test_once_a_month_the_newest_finished_release_is_rehearsed_in_the_channel(talk: Talk) -> None:
    finished(talk)
    first = monthly(talk, 4)
    assert first is not None
    assert (first.state, first.channel, first.args["release"]) == (ActionState.DONE, "C01REL", 1)
    assert first.result["evidence"].startswith("Rehearsed; a rollback of R-1 (300 keys) would take")
    kept = talk.ledger.measurements(
        app="shop", environment="production", route="products", kind="drill"
    )
    again = monthly(talk, 4)
    assert again == first
    assert len(kept) == 2
    assert monthly(talk, 5) is not None
    assert (
        len(
            talk.ledger.measurements(
                app="shop", environment="production", route="products", kind="drill"
            )
        )
        == 3
    )


def test_an_app_that_never_finished_a_release_waits_for_its_first(talk: Talk) -> None:
    talk.say("start shop products First")
    assert monthly(talk, 4) is None


def test_the_copies_of_a_drill_can_be_purged_and_named_by_nobody_else(talk: Talk) -> None:
    copied: Copied = talk.redis.copy_sample(("anp:page:/products*",), "0123456789ab")
    assert copied.pattern == "~q:drill-0123456789ab:*"
    for pattern in ("~q:*", "~q:drill-*", "~q:drill-0123456789ab*", "~q:r1-s3-v2:*"):
        with pytest.raises(Refusal) as refused:
            talk.redis.count([pattern])
        assert refused.value.code is Code.SCOPE_INVALID
