"""The moments of a watch are armed with it, acted on once, and cancelled with its end."""

from __future__ import annotations

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import Lost, Release, ReleaseMove
from bot.release.states import ReleaseState, StepState
from bot.release.timers import TimerMove, TimerState
from bot.release.watch_plan import WatchPlan, begins
from tests.ledger_values import NOON, change, kept, later, opened, story_of

PLAN = WatchPlan(looks=3, every_s=60)


def watched(ledger: SqlLedger) -> Release:
    release = opened(ledger)
    move = begins(story_of(ledger, release), StepState.DONE, NOON, PLAN)
    assert move is not None
    kept(ledger, releases=(move,))
    return release


def fire(number: int) -> TimerMove:
    return TimerMove(key=f"watch:1:{number}", seen=TimerState.ARMED, to=TimerState.FIRED)


def test_a_watch_arms_one_timer_for_each_look(ledger: SqlLedger) -> None:
    timers = story_of(ledger, watched(ledger)).timers
    assert [(row.number, row.due_at, row.state) for row in timers] == [
        (1, later(60), TimerState.ARMED),
        (2, later(120), TimerState.ARMED),
        (3, later(180), TimerState.ARMED),
    ]


def test_a_timer_fires_once_whoever_comes_second(ledger: SqlLedger) -> None:
    release = watched(ledger)
    kept(ledger, timers=(fire(1),))
    lost = ledger.keep(change(timers=(fire(1),)))
    assert isinstance(lost, Lost)
    assert lost.what == "the moment watch:1:1 was acted on already"
    first = story_of(ledger, release).timers[0]
    assert (first.state, first.fired_at) == (TimerState.FIRED, NOON)


def test_the_end_of_a_watch_cancels_what_is_armed_and_leaves_what_has_fired(
    ledger: SqlLedger,
) -> None:
    release = watched(ledger)
    kept(ledger, timers=(fire(1),))
    seen = story_of(ledger, release).release.version
    moved = ReleaseMove(id=1, seen_version=seen, to=ReleaseState.ROLLING_BACK)
    kept(ledger, releases=(moved,))
    assert [row.state for row in story_of(ledger, release).timers] == [
        TimerState.FIRED,
        TimerState.CANCELLED,
        TimerState.CANCELLED,
    ]
    assert isinstance(ledger.keep(change(timers=(fire(2),))), Lost)
