"""Rows of the ledger as JSON, for machines that read what a verb answered."""

from __future__ import annotations

from datetime import datetime

from bot.release.past import Past
from bot.release.records import Action, Json, Lock, Release, SnapshotRow, StepLine, Story


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


def of_release(row: Release) -> Json:
    """Return a release."""
    return {
        "release": row.name,
        "app": row.app,
        "environment": row.environment,
        "routes": list(row.routes),
        "title": row.title,
        "state": row.state,
        "starter": row.starter,
        "owner": row.owner,
        "previous": row.previous,
        "started_at": _time(row.started_at),
        "ended_at": _time(row.ended_at),
    }


def of_past(row: Past) -> Json:
    """Return a release as history tells it; times in seconds."""
    return {
        **of_release(row.release),
        "hotfix": row.release.hotfix,
        "verdicts": list(row.outcomes),
        "rollback_s": row.rollback_s,
        "approvals_waited_s": list(row.waits_s),
    }


def of_step(row: StepLine) -> Json:
    """Return one line of a checklist."""
    return {
        "step": row.number,
        "kind": row.kind,
        "title": row.title,
        "owner": row.owner,
        "state": row.state,
        "verdict": None if row.verdict is None else row.verdict.outcome,
        "evidence": None if row.verdict is None else row.verdict.evidence,
        "plan_hash": row.plan_hash,
        "reason": row.reason,
    }


def of_snapshot(row: SnapshotRow) -> Json:
    """Return a snapshot."""
    return {
        "snapshot": row.id,
        "purpose": row.purpose,
        "state": row.state,
        "keys": row.keys,
        "bytes": row.bytes,
        "expires_at": _time(row.expires_at),
    }


def of_lock(row: Lock) -> Json:
    """Return a lock."""
    return {
        "app": row.app,
        "environment": row.environment,
        "reason": row.reason,
        "by": row.by,
        "at": _time(row.at),
        "until": _time(row.until),
    }


def of_work(row: Action) -> Json:
    """Return an action that has not ended, with how far it is."""
    return {
        "key": row.key,
        "kind": row.kind,
        "release": None if row.release_id is None else f"R-{row.release_id}",
        "state": row.state,
        "done": row.progress.get("done", 0),
        "total": row.progress.get("total", 0),
        "asked_by": row.asked_by,
        "asked_at": _time(row.asked_at),
    }


def of_story(story: Story) -> Json:
    """Return one release with its steps, its snapshots and the lock on its app."""
    return {
        **of_release(story.release),
        "steps": [of_step(row) for row in story.steps],
        "snapshots": [of_snapshot(row) for row in story.snapshots],
        "lock": None if story.lock is None else of_lock(story.lock),
    }
