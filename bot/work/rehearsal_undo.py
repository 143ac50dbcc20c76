"""One rehearsal under way, and its rollback: in the order of a real one, timed and compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.release.finding import patterns_of
from bot.release.records import Action, Outcome, SnapshotRow
from bot.release.refusal import Refusal
from bot.steps import Job
from bot.work.cache_undo import Tally, restore
from bot.work.generations import NOTED
from bot.work.outside import Keyspace
from bot.work.parts import Parts
from bot.work.rehearsal_hook import RehearsalHook
from bot.work.report import Report
from bot.work.setting_back import set_back

KEPT = "rehearsal"
NEW = "-new"
NEW_LINE = "taking out what was written meanwhile"


@dataclass
class Rehearsed:
    """One rehearsal under way; `kept` is what survives a crash, in the action's progress."""

    parts: Parts
    action: Action
    report: Report
    job: Job
    kept: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Find what an earlier run of the same rehearsal recorded."""
        empty: dict[str, Any] = {"steps": [], "baseline": {}, "generations": [], "moves": []}
        self.kept = self.report.so_far.setdefault(KEPT, empty)

    @property
    def keyspace(self) -> Keyspace:
        """Return the keys of the rehearsal's environment, never those of the one that is rehearsed for."""
        return self.parts.keyspace(self.job.app_name, self.job.environment_name)

    @property
    def prefix(self) -> str:
        """Return how the snapshots of every rehearsal on this environment begin."""
        return f"rehearsal-{_digest(f'{self.job.app_name}/{self.job.environment_name}')[:8]}-"

    @property
    def snapshot_id(self) -> str:
        """Return the name of what the purge takes out: the same after a crash."""
        return f"{self.prefix}{_digest(self.action.key)[:12]}"

    def begins(self, what: str) -> None:
        """Show what is done now."""
        self.kept["now"] = what

    def note(self, kind: str, title: str, outcome: Outcome, evidence: str) -> None:
        """Record what a step measured."""
        row = {"kind": kind, "title": title, "outcome": str(outcome), "evidence": evidence}
        self.kept["steps"].append(row)
        self.report.keep()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def undo(work: Rehearsed) -> None:
    """Roll back in the order of a real one: deploy command, new values out, old ones in, compare."""
    kept, report, now = work.kept, work.report, work.parts.clock.now
    if "back" not in kept:
        work.begins("rolling back")
        kept.setdefault("rollback_began", now().isoformat())
        report.keep()
        if "hook" not in kept:
            kept["hook"] = _deploy(work)
            report.keep()
        tally = put_back(work, new_values=True)
        began = datetime.fromisoformat(kept["rollback_began"])
        kept["seconds"] = (now() - began).total_seconds()
        names = ("restored", "kept_fresher", "expired", "failed", "expected", "generations")
        kept["back"] = {name: getattr(tally, name) for name in names}
        report.keep()
    tidy(work)


def _deploy(work: Rehearsed) -> dict[str, str]:
    hook = RehearsalHook(work.parts, work.action, work.job)
    if hook.why_not is not None:
        return {"not_run": hook.why_not}
    try:
        return {"ran": hook.run(work.report) or "ran before the bot was started again"}
    except Refusal as refusal:
        return {"failed": refusal.failed}


def put_back(work: Rehearsed, *, new_values: bool) -> Tally:
    """Set the numbers back, put the snapshot back, and compare; what the purge had not reached stays or comes back."""
    parts, report, keyspace = work.parts, work.report, work.keyspace
    tally = Tally()
    moves = report.so_far.pop(NOTED, None) or work.kept["moves"]
    if moves:
        work.kept["moves"] = moves
        set_back(keyspace, tuple(reversed(moves)), report, tally, cold=False)
        report.so_far.pop(NOTED, None)
    if work.snapshot_id not in parts.snapshots.ids():
        return tally
    if new_values:
        _take_new(work)
    restore(parts, keyspace, (_row(work),), report, tally)
    if new_values and work.kept.get("taken") is None:
        snapshot = parts.snapshots.reader(work.snapshot_id + NEW)
        line = "putting back what the purge had not reached"
        keyspace.restore(snapshot, on_batch=report.walk("restore", line, 0))
    return tally


def _take_new(work: Rehearsed) -> None:
    report, name = work.report, work.snapshot_id + NEW
    report.phase("purge", NEW_LINE)
    with work.parts.snapshots.writer(name) as writer:
        work.keyspace.purge(
            patterns_of(work.job.routes),
            writer,
            stage=name,
            on_batch=report.walk("purge", NEW_LINE, 0),
        )


def _row(work: Rehearsed) -> SnapshotRow:
    now = work.parts.clock.now()
    return SnapshotRow(
        id=work.snapshot_id,
        release_id=0,
        purpose="purge",
        state="sealed",
        keys=int(work.kept.get("taken") or 0),
        bytes=0,
        created_at=now,
        expires_at=now,
    )


def tidy(work: Rehearsed) -> None:
    """Remove what the rehearsal kept for itself, on the disk and on the server."""
    begun = work.parts.snapshots.ids()
    for name in (work.snapshot_id + NEW, work.snapshot_id):
        if name in begun:
            work.keyspace.release_quarantine(name)
            work.parts.snapshots.delete(name)
