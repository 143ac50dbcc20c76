"""Measures each piece of work from outside: how long it waited, how it ended, what it moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.effects.log_context import about
from bot.effects.metrics import ACTIONS, PURGE_RATE, PURGED_KEYS, QUEUE_WAIT, ROLLBACK
from bot.release.records import ENDED_ACTION, Action, ActionKind, ActionState

# A series that first appears with 1 has not increased, to Prometheus: all of them begin at 0.
for _kind in ActionKind:
    for _state in ENDED_ACTION:
        ACTIONS.labels(str(_kind), str(_state))


class ActionsSeen(Protocol):
    """The ledger as the measuring needs it."""

    def action(self, key: str) -> Action | None:
        """Return one action."""
        ...


def measured(perform: Callable[[str], None], ledger: ActionsSeen) -> Callable[[str], None]:
    """Return what performs an action and observes it; what ended before, or goes on later, is not counted."""

    def run(turn: str) -> None:
        key = turn.partition("#")[0]
        before = ledger.action(key)
        with about(action=turn, release=None if before is None else before.release_id):
            perform(turn)
        after = ledger.action(key)
        if before is None or after is None or before.state in ENDED_ACTION:
            return
        if before.state is ActionState.ACCEPTED and before.started_at is None:
            _waited(after)
        if after.state in ENDED_ACTION:
            _ended(after)

    return run


def _waited(action: Action) -> None:
    if action.started_at is not None:
        waited = (action.started_at - action.asked_at).total_seconds()
        QUEUE_WAIT.labels(str(action.kind)).observe(max(0.0, waited))


def _ended(action: Action) -> None:
    ACTIONS.labels(str(action.kind), str(action.state)).inc()
    if action.state is not ActionState.DONE:
        return
    if action.kind is ActionKind.PURGE:
        _purged(int(action.result.get("taken") or 0), float(action.result.get("seconds") or 0))
    if action.kind is ActionKind.ROLLBACK and action.ended_at is not None:
        ROLLBACK.observe(max(0.0, (action.ended_at - action.asked_at).total_seconds()))


def _purged(keys: int, seconds: float) -> None:
    PURGED_KEYS.inc(keys)
    if keys and seconds > 0:
        PURGE_RATE.observe(keys / seconds)
