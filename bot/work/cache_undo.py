"""The cache's half of a rollback: what the new release wrote goes out, the snapshots go back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.effects.metrics import restoring
from bot.release.finding import patterns_of
from bot.release.plan import plan_from_json, treatments_in
from bot.release.records import Action, Change, Json, SnapshotRow, Story
from bot.release.treatment import Scopes, scopes_of, treatments_of
from bot.steps import Job
from bot.work.look import BOT
from bot.work.outside import Keyspace
from bot.work.parts import Parts
from bot.work.report import Report

FORWARD = "purge new values"


@dataclass
class Tally:
    """What the rollback did so far."""

    hook: str = "none"
    purged_new: int = 0
    forward_snapshot: str | None = None
    restored: int = 0
    kept_fresher: int = 0
    expired: int = 0
    failed: int = 0
    expected: int = 0
    generations: list[Json] = field(default_factory=list)


def remember(report: Report, tally: Tally) -> None:
    """Keep the tally with the action, so that a run after a crash goes on counting."""
    report.so_far = {**report.so_far, **vars(tally)}


def purge_new_values(
    parts: Parts,
    keyspace: Keyspace,
    story: Story,
    job: Job,
    action: Action,
    report: Report,
    tally: Tally,
) -> None:
    """Take what the new release wrote, into a snapshot of its own, so that this can be undone as well."""
    if parts.ledger.op_step(action.key, FORWARD) == "done":
        return
    snapshot_id = f"r{story.release.id}-forward-{action.key.rpartition(':')[2]}"
    now = parts.clock.now()
    row = SnapshotRow(
        id=snapshot_id,
        release_id=story.release.id,
        purpose="forward",
        state="open",
        keys=0,
        bytes=0,
        created_at=now,
        expires_at=now + parts.snapshot_life,
    )
    _keep_snapshot(parts, story, row)
    parts.ledger.op_begin(action.key, FORWARD, now)
    report.phase("purge", "taking out what the new release wrote")
    scopes = _scopes(story, job)
    on_batch = report.walk("purge", "taking out what the new release wrote", 0)
    if scopes.plain:
        keyspace.drop(scopes.plain, on_batch=on_batch)
    with parts.snapshots.writer(snapshot_id) as writer:
        outcome = keyspace.purge(scopes.undoable, writer, stage=snapshot_id, on_batch=on_batch)
    sealed = replace(row, state="sealed", keys=outcome.taken, bytes=outcome.bytes)
    _keep_snapshot(parts, story, sealed)
    tally.purged_new = outcome.taken
    tally.forward_snapshot = snapshot_id
    remember(report, tally)
    parts.ledger.op_end(action.key, FORWARD, "done", str(outcome.taken), parts.clock.now())


def _scopes(story: Story, job: Job) -> Scopes:
    """Return what was purged and how, even where the catalog was edited since.

    Soft keys are taken out for good measure: what is put back afterwards has the old content and expiry.
    """
    for line in story.steps:
        if line.plan is not None:
            plan = plan_from_json(line.plan)
            return scopes_of([row.pattern for row in plan.patterns], treatments_in(plan))
    return scopes_of(patterns_of(job.routes), treatments_of(job.routes).items())


def _keep_snapshot(parts: Parts, story: Story, row: SnapshotRow) -> None:
    parts.ledger.keep(
        Change(
            act=f"snapshot {row.state}",
            by=BOT,
            at=parts.clock.now(),
            release_id=story.release.id,
            body={"snapshot": row.id, "keys": row.keys},
            snapshots=(row,),
        )
    )


def restore(
    parts: Parts,
    keyspace: Keyspace,
    taken: tuple[SnapshotRow, ...],
    report: Report,
    tally: Tally,
) -> None:
    """Put the snapshots back, the oldest first, then count by comparing content and expiry.

    A restore that was cut short and resumed finds its own keys in place; only the comparison tells
    them from values the app wrote, so the counts come from there.
    """
    tally.restored = tally.kept_fresher = tally.expired = tally.failed = tally.expected = 0
    for row in taken:
        snapshot = parts.snapshots.reader(row.id)
        report.phase("restore", "keys put back", total=row.keys)
        on_batch = report.walk("restore", "keys put back", row.keys)
        with restoring():
            done = keyspace.restore(snapshot, on_batch=on_batch)
        report.phase("verify", "keys compared", total=row.keys)
        found = keyspace.verify(snapshot, on_batch=report.walk("verify", "keys compared", row.keys))
        tally.expected += found.equal + found.different + found.missing + found.expired
        tally.restored += found.equal
        tally.kept_fresher += found.different
        tally.expired += found.expired
        tally.failed += max(found.missing, done.failed)
    remember(report, tally)


def put_back_untaken(parts: Parts, keyspace: Keyspace, report: Report, tally: Tally) -> None:
    """After a purge that broke off, put back what it had not reached.

    Those keys went out with the new release's values, and only their names tell them apart: a name
    that the purge had taken is back with its old value by now, and RESTORE leaves it alone.
    """
    assert tally.forward_snapshot is not None
    snapshot = parts.snapshots.reader(tally.forward_snapshot)
    line = "putting back what the purge had not reached"
    report.phase("restore", line)
    keyspace.restore(snapshot, on_batch=report.walk("restore", line, 0))
