"""The sentences for the one who came second: what stands in the ledger now."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from bot.effects.ledger.tables import RELEASE, STEP
from bot.effects.ledger.work_tables import ACTION
from bot.release.records import ENDED_ACTION, ActionMove, ReleaseMove, StepMove


def _words(state: str) -> str:
    return state.replace("_", " ")


def already_asked(before: RowMapping) -> str:
    """Return who asked for the same work, and when."""
    who = before["asked_by"]
    name = f"<@{who}>" if who[:1] in {"U", "W"} and who.isalnum() else who
    return f"{name} asked for this already at {before['asked_at']:%H:%M} UTC"


def already_approved() -> str:
    """Return that the person said yes before."""
    return "you approved this already"


def locked_by(row: RowMapping) -> str:
    """Return who holds the lock, and why."""
    who = row["locked_by"]
    name = f"<@{who}>" if who[:1] in {"U", "W"} and who.isalnum() else who
    return f"{row['app']} {row['environment']} is locked by {name}: {row['reason']}"


def not_locked(app: str, environment: str) -> str:
    """Return that there was no lock to take away."""
    return f"{app} {environment} is not locked"


def what_of_release(connection: Connection, move: ReleaseMove) -> str:
    """Return where the release is now."""
    state = connection.execute(select(RELEASE.c.state).where(RELEASE.c.id == move.id)).scalar()
    if state is None:
        return f"there is no R-{move.id}"
    if state == move.to.value:
        return f"R-{move.id} is already {_words(state)}"
    return f"R-{move.id} moved on and is {_words(state)} now"


def what_of_step(connection: Connection, move: StepMove) -> str:
    """Return where the step is now."""
    query = select(STEP.c.state).where(
        STEP.c.release_id == move.release_id, STEP.c.number == move.number
    )
    state = connection.execute(query).scalar()
    name = f"step {move.number} of R-{move.release_id}"
    if state is None:
        return f"there is no {name}"
    if state == move.to.value:
        return f"{name} is already {_words(state)}"
    return f"{name} moved on and is {_words(state)} now"


def what_of_action(connection: Connection, move: ActionMove) -> str:
    """Return how far the work is, or that a newer run has it."""
    query = select(ACTION.c.state, ACTION.c.fence).where(ACTION.c.key == move.key)
    row = connection.execute(query).one_or_none()
    if row is None:
        return f"there is no work called {move.key}"
    if row.state in {state.value for state in ENDED_ACTION}:
        return f"{move.key} is already {_words(row.state)}"
    return (
        f"{move.key} was started again: run {row.fence} has it now, this was run {move.seen_fence}"
    )
