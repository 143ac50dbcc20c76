"""Values that tests write into a ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.effects.ledger.sql_ledger import SqlLedger
from bot.release.records import (
    Action,
    ActionKind,
    Approval,
    Change,
    DueCard,
    Kept,
    NewRelease,
    NewStep,
    Outcome,
    Release,
    SnapshotRow,
    StepMove,
    Story,
    Verdict,
)
from bot.release.states import StepState

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CHANNEL = "C01REL"


def later(seconds: float) -> datetime:
    """Return so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def new_release(**changes: Any) -> NewRelease:
    """Return a release of three steps, as it is first written."""
    steps = tuple(
        NewStep(
            kind=kind,
            title=kind.title(),
            owner="U01OWNER",
            expected=f"{kind} is well",
            rollback_note=f"undo {kind}",
        )
        for kind in ("headers", "purge", "latency")
    )
    release = NewRelease(
        app="shop",
        environment="production",
        routes=("products", "prices"),
        title="New price table",
        starter="U05STARTER",
        owner="U01OWNER",
        channel=CHANNEL,
        previous=None,
        catalog_hash="c" * 64,
        steps=steps,
    )
    return replace(release, **changes)


def opened(ledger: SqlLedger, **changes: Any) -> Release:
    """Return a release that was opened at noon."""
    release = ledger.open_release(new_release(**changes), by="U05STARTER", at=NOON)
    assert isinstance(release, Release)
    return release


def story_of(ledger: SqlLedger, release: Release) -> Story:
    """Return what the ledger holds of a release."""
    story = ledger.story(release.id)
    assert story is not None
    return story


def change(**parts: Any) -> Change:
    """Return a change that @ana makes at noon."""
    return replace(Change(act="test", by="U02ANA", at=NOON), **parts)


def kept(ledger: SqlLedger, **parts: Any) -> None:
    """Keep a change that must be kept."""
    assert ledger.keep(change(**parts)) == Kept()


def step_move(release: Release, number: int, seen: int, to: StepState, **parts: Any) -> StepMove:
    """Return a step's move."""
    return StepMove(release_id=release.id, number=number, seen_version=seen, to=to, **parts)


def approval(release: Release, by: str = "U02ANA", plan_hash: str = "p" * 64) -> Approval:
    """Return an approval of the first step."""
    return Approval(release_id=release.id, step=1, plan_hash=plan_hash, by=by, at=NOON)


def request(key: str = "purge:1:2:v1", **parts: Any) -> Action:
    """Return work as it is asked for."""
    action = Action(
        key=key,
        kind=ActionKind.PURGE,
        partition="shop/production",
        release_id=None,
        step=None,
        args={"plan_hash": "p" * 64},
        channel=CHANNEL,
        asked_by="U02ANA",
        asked_at=NOON,
    )
    return replace(action, **parts)


def snapshot(release: Release, **parts: Any) -> SnapshotRow:
    """Return a snapshot's row."""
    row = SnapshotRow(
        id=f"r{release.id}-purge",
        release_id=release.id,
        purpose="purge",
        state="open",
        keys=0,
        bytes=0,
        created_at=NOON,
        expires_at=later(3600),
    )
    return replace(row, **parts)


VERDICT = Verdict(
    outcome=Outcome.PASS,
    evidence="All 12 pages may be cached.",
    actual="12 of 12",
    numbers={"pages": 12, "nested": {"ratio": 0.5, "rows": [1, 2]}},
)


def judged(ledger: SqlLedger) -> Release:
    """Return a release whose first step was run and judged: that step's version is 3."""
    release = opened(ledger)
    kept(ledger, steps=(step_move(release, 1, 1, StepState.RUNNING),))
    kept(ledger, steps=(step_move(release, 1, 2, StepState.JUDGED, verdict=VERDICT),))
    return release


def due(ledger: SqlLedger, at: datetime, sender: str = "one", limit: int = 20) -> list[DueCard]:
    """Take what is due for 30 seconds."""
    return list(ledger.due_cards(at, limit, sender, 30))


def post(ledger: SqlLedger, cards: list[DueCard], at: datetime = NOON) -> None:
    """Record that every card was sent; its timestamp is made of its name."""
    for card in cards:
        ledger.card_sent(card.id, card.card, CHANNEL, f"ts-{card.card}", "d1", at)


def names(cards: list[DueCard]) -> list[str]:
    """Return which cards they are."""
    return [card.card for card in cards]


def drained(ledger: SqlLedger) -> None:
    """Open R-1 and post its whole thread at noon."""
    opened(ledger)
    post(ledger, due(ledger, NOON))
    post(ledger, due(ledger, NOON))
    assert due(ledger, later(60)) == []
