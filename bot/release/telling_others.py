"""Which events other systems are told of, and what of a change is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.events import Event
from bot.release.records import Change, ReleaseMove, StepMove
from bot.release.states import ReleaseState, StepState


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event of a release; `step` is None where it is the release's own."""

    event: Event
    release_id: int
    step: int | None = None


@dataclass(frozen=True, kw_only=True)
class DueWebhook:
    """One event on its way to one of an app's webhooks; `body` is the same at each try."""

    claim: int
    event_id: str
    release_id: int
    app: str
    hook: int
    body: str
    attempts: int
    asked_at: datetime


RELEASE_EVENTS = {
    ReleaseState.WATCHING: Event.RELEASE_WATCHED,
    ReleaseState.ROLLING_BACK: Event.RELEASE_ROLLING_BACK,
    ReleaseState.ROLLED_BACK: Event.RELEASE_ROLLED_BACK,
    ReleaseState.ROLLBACK_FAILED: Event.RELEASE_ROLLBACK_FAILED,
    ReleaseState.DONE: Event.RELEASE_ENDED,
    ReleaseState.ABANDONED: Event.RELEASE_ABANDONED,
}
STEP_EVENTS = {
    StepState.JUDGED: Event.STEP_JUDGED,
    StepState.DONE: Event.STEP_DONE,
    StepState.SKIPPED: Event.STEP_SKIPPED,
    StepState.STOPPED: Event.STEP_STOPPED,
}
PURGED = "purged"


def events_of(change: Change) -> tuple[Happened, ...]:
    """Return what a change lets others know, in the order in which it happened."""
    return (
        *_approved(change),
        *(row for move in change.steps for row in _of_step(change, move)),
        *_of_releases(change.releases),
    )


def wanted_of(catalog: Catalog) -> dict[str, tuple[frozenset[str], ...]]:
    """Return the events that each webhook of each app is told, in the catalog's order."""
    every = frozenset(event.value for event in Event)
    return {
        name: tuple(every if "*" in row.events else frozenset(row.events) for row in app.webhooks)
        for name, app in catalog.apps.items()
        if app.webhooks
    }


def _approved(change: Change) -> Iterator[Happened]:
    for row in change.approvals:
        yield Happened(event=Event.STEP_APPROVED, release_id=row.release_id, step=row.step)


def _of_step(change: Change, move: StepMove) -> Iterator[Happened]:
    event = STEP_EVENTS.get(move.to)
    if move.to is StepState.JUDGED and move.verdict is None:
        return
    if event is Event.STEP_DONE and change.act == PURGED:
        event = Event.STEP_PURGED
    if event is not None:
        yield Happened(event=event, release_id=move.release_id, step=move.number)


def _of_releases(moves: Sequence[ReleaseMove]) -> Iterator[Happened]:
    for move in moves:
        event = RELEASE_EVENTS.get(move.to)
        if event is not None:
            yield Happened(event=event, release_id=move.id)


FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3600.0
MOST_TRIES = 14


def wait_before(attempts: int) -> float:
    """Return how many seconds lie between a failed try and the next, doubled each time up to an hour."""
    return min(FIRST_WAIT_S * 2.0 ** (attempts - 1), LONGEST_WAIT_S)
