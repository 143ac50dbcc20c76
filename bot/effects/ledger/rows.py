"""Rows of the ledger's tables, turned into values and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from bot.release.records import (
    Action,
    ActionKind,
    ActionState,
    Approval,
    Control,
    Json,
    Lock,
    Measurement,
    Outcome,
    Release,
    SnapshotRow,
    StepLine,
    Verdict,
)
from bot.release.states import ReleaseState, StepState


def release_value(row: RowMapping, routes: tuple[str, ...]) -> Release:
    """Return a release; its routes come from their own table."""
    return Release(**{**row, "state": ReleaseState(row["state"])}, routes=routes)


def step_value(row: RowMapping) -> StepLine:
    """Return a checklist line; the verdict is None until it was judged."""
    judged = {name: row[name] for name in ("outcome", "evidence", "actual", "numbers")}
    kept = {name: value for name, value in row.items() if name not in judged}
    verdict = None
    if judged["outcome"] is not None:
        verdict = Verdict(**{**judged, "outcome": Outcome(judged["outcome"])})
    return StepLine(**{**kept, "state": StepState(row["state"]), "verdict": verdict})


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """Return the columns of a verdict."""
    return {
        "outcome": verdict.outcome.value,
        "evidence": verdict.evidence,
        "actual": verdict.actual,
        "numbers": verdict.numbers,
    }


def action_value(row: RowMapping) -> Action:
    """Return an action."""
    kind, state, control = (
        ActionKind(row["kind"]),
        ActionState(row["state"]),
        Control(row["control"]),
    )
    return Action(**{**row, "kind": kind, "state": state, "control": control})


def action_row(action: Action) -> dict[str, Any]:
    """Return the columns of an action as it is asked for: accepted, not started."""
    names = ("key", "partition", "release_id", "step", "args", "channel", "asked_by", "asked_at")
    asked = {name: getattr(action, name) for name in names}
    fresh = {
        "state": ActionState.ACCEPTED.value,
        "fence": 0,
        "progress": {},
        "result": {},
        "control": Control.RUN.value,
        "resumed": 0,
    }
    return {**asked, "kind": action.kind.value, **fresh}


def approval_value(row: RowMapping) -> Approval:
    """Return an approval."""
    return Approval(
        release_id=row["release_id"],
        step=row["step"],
        plan_hash=row["plan_hash"],
        by=row["given_by"],
        at=row["given_at"],
        required_from=row["required_from"],
    )


def snapshot_value(row: RowMapping) -> SnapshotRow:
    """Return a snapshot's row."""
    return SnapshotRow(**row)


def lock_value(row: RowMapping) -> Lock:
    """Return a lock."""
    return Lock(
        app=row["app"],
        environment=row["environment"],
        reason=row["reason"],
        by=row["locked_by"],
        at=row["locked_at"],
        until=row["until"],
        remind_at=row["remind_at"],
    )


def measurement_value(row: RowMapping) -> Measurement:
    """Return a measurement."""
    kept = {name: value for name, value in row.items() if name not in {"id", "taken_at"}}
    return Measurement(**kept, at=row["taken_at"])


def measurement_row(measurement: Measurement) -> dict[str, Any]:
    """Return the columns of a measurement."""
    names = ("release_id", "app", "environment", "route", "kind", "phase", "numbers")
    kept: Mapping[str, Any] = {name: getattr(measurement, name) for name in names}
    return {**kept, "taken_at": measurement.at}


def json_value(value: Any) -> Json:
    """Return stored JSON as the mapping it was written from."""
    return dict(value)
