"""What a purge is told stands in its row, and two who tell it something meet there."""

from __future__ import annotations

from dataclasses import replace

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import Action, ActionState, Change, Control, Kept, Lost, Steering
from tests.ledger_values import NOON, kept, later, request


def _tell(ledger: SqlLedger, seen: Action, second: float = 1, **told: object) -> Kept | Lost:
    plain: dict = {"key": seen.key, "seen_state": seen.state, "seen_control": seen.control}
    steering = Steering(**{**plain, **told})
    return ledger.keep(Change(act="tell", by="U03ONCALL", at=later(second), steering=(steering,)))


def _started(ledger: SqlLedger) -> Action:
    kept(ledger, requests=(request("purge:1"),))
    action = ledger.start_action("purge:1", NOON)
    assert action is not None
    return action


def test_who_told_what_and_when_is_kept(ledger: SqlLedger) -> None:
    action = _started(ledger)
    assert _tell(ledger, action, control=Control.PAUSE, pace="gentle") == Kept()
    assert ledger.action("purge:1") == replace(
        action,
        control=Control.PAUSE,
        control_by="U03ONCALL",
        control_at=later(1),
        pace="gentle",
    )


def test_of_two_who_saw_the_same_the_second_loses(ledger: SqlLedger) -> None:
    action = _started(ledger)
    assert _tell(ledger, action, control=Control.PAUSE) == Kept()
    assert _tell(ledger, action, 2, control=Control.STOP) == Lost(what="purge:1 is running now")


def test_only_the_run_that_has_the_work_puts_it_down(ledger: SqlLedger) -> None:
    first = _started(ledger)
    second = ledger.start_action("purge:1", NOON)
    assert second is not None
    down: dict = {"control": Control.PAUSE, "to": ActionState.PAUSED}
    assert isinstance(_tell(ledger, first, seen_fence=first.fence, **down), Lost)
    assert _tell(ledger, second, seen_fence=second.fence, **down) == Kept()
    assert ledger.start_action("purge:1", NOON) is None
    assert not ledger.progress("purge:1", second.fence, {}, NOON)
    assert [row.state for row in ledger.running()] == [ActionState.PAUSED]


def test_a_resumed_purge_is_accepted_anew_and_has_one_more_turn(ledger: SqlLedger) -> None:
    action = _started(ledger)
    _tell(ledger, action, control=Control.PAUSE, to=ActionState.PAUSED)
    paused = ledger.action("purge:1")
    assert paused is not None
    again: dict = {"control": Control.RUN, "to": ActionState.ACCEPTED}
    assert _tell(ledger, paused, 2, **again) == Kept()
    assert isinstance(_tell(ledger, paused, 3, **again), Lost)
    resumed = ledger.action("purge:1")
    assert resumed is not None
    assert (paused.turn, resumed.turn) == ("purge:1", "purge:1#1")
    assert [row.turn for row in ledger.unqueued(later(60), 5)] == ["purge:1#1"]
