"""What a terminal says of a purge that runs in waves or is paused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.release.records import Action, ActionKind, ActionState, Control
from bot.terminal.ending import How, of_action
from bot.terminal.following import how_far

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def purge(state: ActionState, **parts: Any) -> Action:
    return Action(
        key="purge:1:1:v3",
        kind=ActionKind.PURGE,
        partition="shop/production",
        release_id=1,
        step=1,
        args={},
        channel=None,
        asked_by="terminal:ana",
        asked_at=NOON,
        state=state,
        **parts,
    )


def test_the_bar_says_share_wave_speed_and_time_left() -> None:
    line = "keys taken out (40 %), wave 2 of 3, 120 keys/s, 6 s left"
    running = purge(ActionState.RUNNING, progress={"line": line, "done": 480, "total": 1200})
    assert how_far(running) == f"480 of 1,200 {line}"


def test_a_pause_leaves_the_terminal_and_says_how_to_go_on() -> None:
    look = {"evidence": "After wave 1: 1 of 6 requests failed.", "outcome": "fail", "turn": 0}
    so_far = {"taken": 480, "waves": [{"taken": 480, "look": look}]}
    paused = purge(
        ActionState.PAUSED,
        progress={"so_far": so_far},
        control=Control.PAUSE,
        control_by="U03ONCALL",
        control_at=NOON,
    )
    assert how_far(paused) == "paused by <@U03ONCALL> at 12:00 UTC, 480 keys taken out"
    ending = of_action(paused, None)
    assert (ending.how, ending.exit_code) == (How.LEFT, 1)
    assert ending.lines == (
        "R-1 is paused by <@U03ONCALL> at 12:00 UTC: 480 keys taken out so far.",
        "To go on: cache-release resume R-1",
        "To end it: cache-release stop R-1",
        "To undo it: cache-release rollback R-1",
    )


def test_a_pause_of_a_look_shows_what_it_saw() -> None:
    look = {"evidence": "After wave 1: 1 of 6 requests failed.", "outcome": "fail", "turn": 0}
    paused = purge(
        ActionState.PAUSED,
        progress={"so_far": {"taken": 480, "waves": [{"taken": 480, "look": look}]}},
        control=Control.PAUSE,
        control_by="cache-release",
        control_at=NOON,
    )
    assert of_action(paused, None).lines[:2] == (
        "R-1 is paused by the bot at 12:00 UTC: 480 keys taken out so far.",
        "After wave 1: 1 of 6 requests failed.",
    )
