"""The life of a release and of its steps, as one table each.

Two rules: everything that affects a transition stands in these tables; nothing here knows who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from bot.release.refusal import Code, Refusal


class ReleaseState(StrEnum):
    """Where a release is."""

    OPEN = "open"
    WATCHING = "watching"
    DONE = "done"
    ABANDONED = "abandoned"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"


class StepState(StrEnum):
    """Where one line of the checklist is."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    JUDGED = "judged"
    ACTING = "acting"
    STOPPED = "stopped"
    DONE = "done"
    SKIPPED = "skipped"


class Move(StrEnum):
    """What can happen to a release or a step."""

    OPEN = "open"
    RUN = "run"
    JUDGE = "judge"
    APPROVE = "approve"
    ACT = "act"
    ACTED = "acted"
    BREAK = "break"
    SKIP = "skip"
    WATCH = "watch"
    FINISH = "finish"
    ABANDON = "abandon"
    ROLL_BACK = "roll_back"
    RESTORED = "restored"
    ROLLBACK_BROKE = "rollback_broke"
    NOTE = "note"
    ENDORSE = "endorse"
    REJECT = "reject"
    EXPIRE = "expire"
    HAND_OVER = "hand_over"


_R, _S, _M = ReleaseState, StepState, Move

RELEASE: Mapping[ReleaseState, Mapping[Move, ReleaseState]] = {
    _R.OPEN: {
        _M.NOTE: _R.OPEN,
        _M.WATCH: _R.WATCHING,
        _M.FINISH: _R.DONE,
        _M.ABANDON: _R.ABANDONED,
        _M.ROLL_BACK: _R.ROLLING_BACK,
    },
    _R.WATCHING: {_M.FINISH: _R.DONE, _M.ROLL_BACK: _R.ROLLING_BACK},
    _R.DONE: {_M.ROLL_BACK: _R.ROLLING_BACK},
    _R.ABANDONED: {_M.ROLL_BACK: _R.ROLLING_BACK},
    _R.ROLLING_BACK: {
        _M.RESTORED: _R.ROLLED_BACK,
        _M.ROLLBACK_BROKE: _R.ROLLBACK_FAILED,
    },
    _R.ROLLBACK_FAILED: {_M.ROLL_BACK: _R.ROLLING_BACK},
    _R.ROLLED_BACK: {},
}

STEP: Mapping[StepState, Mapping[Move, StepState]] = {
    _S.WAITING: {_M.OPEN: _S.READY, _M.HAND_OVER: _S.WAITING},
    _S.READY: {_M.RUN: _S.RUNNING, _M.SKIP: _S.SKIPPED, _M.HAND_OVER: _S.READY},
    _S.RUNNING: {_M.JUDGE: _S.JUDGED, _M.BREAK: _S.STOPPED, _M.HAND_OVER: _S.RUNNING},
    _S.JUDGED: {
        _M.RUN: _S.RUNNING,
        _M.ENDORSE: _S.JUDGED,
        _M.REJECT: _S.STOPPED,
        _M.EXPIRE: _S.STOPPED,
        _M.APPROVE: _S.DONE,
        _M.ACT: _S.ACTING,
        _M.SKIP: _S.SKIPPED,
        _M.HAND_OVER: _S.JUDGED,
    },
    _S.ACTING: {_M.ACTED: _S.DONE, _M.BREAK: _S.STOPPED, _M.HAND_OVER: _S.ACTING},
    _S.STOPPED: {_M.RUN: _S.RUNNING, _M.SKIP: _S.SKIPPED, _M.HAND_OVER: _S.STOPPED},
    _S.DONE: {},
    _S.SKIPPED: {},
}

LIVE = frozenset({_R.OPEN, _R.WATCHING, _R.ROLLING_BACK, _R.ROLLBACK_FAILED})
SETTLED_STEP = frozenset({_S.DONE, _S.SKIPPED})

State = TypeVar("State", ReleaseState, StepState)


def after(table: Mapping[State, Mapping[Move, State]], state: State, move: Move) -> State:
    """Return the state that follows; refuse a move the table does not hold."""
    if move in table[state]:
        return table[state][move]
    possible = ", ".join(name.replace("_", " ") for name in table[state]) or "nothing any more"
    raise Refusal(
        code=Code.NOT_NOW,
        failed=f"Cannot {move.replace('_', ' ')} while {state.replace('_', ' ')}.",
        expected=f"From here: {possible}.",
        retry_is_safe=True,
    )


def from_states(table: Mapping[State, Mapping[Move, State]], move: Move) -> frozenset[State]:
    """Return every state in which the move is legal."""
    return frozenset(state for state, moves in table.items() if move in moves)
