"""The record of one release, for people as Markdown and for machines as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.release.catalog import Catalog
from bot.release.checklist import rollbacks
from bot.release.records import Action, AuditEntry, StepLine, Story
from bot.release.repeating import by_hand

FORMAT = "cache-release/record/1"


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def record(story: Story, catalog: Catalog, audit: Sequence[AuditEntry]) -> dict[str, Any]:
    """Return the whole record: who, what, expected and actual, commands, approvals, snapshots, audit.

    `audit` are the release's entries, newest first; the newest one's hash stands for the whole.
    """
    row = story.release
    newest = audit[0] if audit else None
    return {
        "format": FORMAT,
        "release": row.name,
        "app": row.app,
        "environment": row.environment,
        "routes": list(row.routes),
        "title": row.title,
        "state": row.state,
        "hotfix": row.hotfix,
        "starter": row.starter,
        "owner": row.owner,
        "started_at": _time(row.started_at),
        "ended_at": _time(row.ended_at),
        "previous": row.previous,
        "catalog_hash": row.catalog_hash,
        "steps": [_step(story, step, catalog) for step in story.steps],
        "snapshots": [
            {
                "snapshot": taken.id,
                "purpose": taken.purpose,
                "state": taken.state,
                "keys": taken.keys,
                "bytes": taken.bytes,
                "expires_at": _time(taken.expires_at),
            }
            for taken in story.snapshots
        ],
        "rollbacks": [_rollback(action) for action in rollbacks(story)],
        "audit": {
            "entries": len(audit),
            "seq": None if newest is None else newest.seq,
            "hash": None if newest is None else newest.hash,
            "acts": [
                {"seq": entry.seq, "at": _time(entry.at), "by": entry.by, "act": entry.act}
                for entry in reversed(audit)
            ],
        },
    }


def _step(story: Story, step: StepLine, catalog: Catalog) -> dict[str, Any]:
    verdict = step.verdict
    return {
        "step": step.number,
        "kind": step.kind,
        "title": step.title,
        "owner": step.owner,
        "state": step.state,
        "expected": step.expected,
        "verdict": None if verdict is None else verdict.outcome,
        "evidence": None if verdict is None else verdict.evidence,
        "actual": None if verdict is None else verdict.actual,
        "rollback_note": step.rollback_note,
        "reason": step.reason,
        "plan_hash": step.plan_hash,
        "approved": [
            {"by": row.by, "at": _time(row.at), "binds_to": row.plan_hash}
            for row in story.approvals
            if row.step == step.number
        ],
        "by_hand": list(by_hand(story, step, catalog)),
    }


def _rollback(action: Action) -> dict[str, Any]:
    kept = ("restored", "expected", "seconds", "failed")
    return {
        "by": action.asked_by,
        "asked_at": _time(action.asked_at),
        "ended_at": _time(action.ended_at),
        "state": action.state,
        **{name: action.result[name] for name in kept if name in action.result},
    }
