"""Rehearses a rollback on copies of a few keys: capture, purge, restore and verify as in earnest, timed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.release.drilling import DRILL, drill_result, keys_of
from bot.release.finding import default_environment, patterns_of
from bot.release.records import (
    Action,
    ActionMove,
    ActionState,
    Change,
    Json,
    Measurement,
)
from bot.release.refusal import Code, Refusal
from bot.steps import Job
from bot.work.jobs import job_of_look
from bot.work.outcomes import Copied, VerifyOutcome
from bot.work.outside import Keyspace
from bot.work.parts import Parts
from bot.work.report import Report

log = logging.getLogger(__name__)

BOT = "cache-release"
LINE = "rehearsing the rollback on copies"


def drill(parts: Parts, action: Action, report: Report) -> None:
    """Rehearse the rollback of the release that the action names; the answer is the action's own card."""
    job = job_of_look(parts, action)
    release_id = int(action.args["release"])
    numbers = {
        **_rehearsed(parts, job, patterns_of(job.routes), action, report),
        "by": action.asked_by,
    }
    result = drill_result(f"R-{release_id}", numbers, keys_of(parts.ledger.story(release_id)))
    parts.ledger.keep(
        Change(
            act="drill done",
            by=BOT,
            at=parts.clock.now(),
            release_id=release_id,
            body={"key": action.key, "outcome": result["outcome"]},
            actions=(
                ActionMove(
                    key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result
                ),
            ),
            measurements=(_measured(parts, job, release_id, numbers),),
            cards=(*report.cards, f"root:{release_id}"),
        )
    )


def rehearse(
    parts: Parts, job: Job, patterns: Sequence[str], action: Action, report: Report
) -> None:
    """Before a purge in production: rehearse its rollback, and refuse the purge where that fails."""
    if not patterns or job.release is None or job.environment_name != default_environment(job.app):
        return
    report.phase(DRILL, LINE)
    try:
        numbers = {**_rehearsed(parts, job, patterns, action, report), "by": action.asked_by}
    except Refusal as refusal:
        raise Refusal(
            code=refusal.code,
            failed=f"Not purged: the rollback could not be rehearsed. {refusal.failed}",
            expected=refusal.expected,
            retry_is_safe=refusal.retry_is_safe,
        ) from refusal
    number = job.release.id
    parts.ledger.keep(
        Change(
            act="drill done",
            by=BOT,
            at=parts.clock.now(),
            release_id=number,
            body={"key": action.key, "keys": numbers["keys"]},
            measurements=(_measured(parts, job, number, numbers),),
            cards=(f"root:{number}",),
        )
    )


def _rehearsed(
    parts: Parts, job: Job, patterns: Sequence[str], action: Action, report: Report
) -> Json:
    """Return the figures of one drill; `keys` is 0 where the scope holds none that could be copied."""
    if not patterns:
        return {"keys": 0, "skipped": 0, "seconds": 0.0}
    keyspace = parts.keyspace(job.app_name, job.environment_name)
    token = parts.nonce()
    # The same name after a crash: the run that follows removes what the one before left on the disk.
    snapshot_id = f"drill-{hashlib.sha256(action.key.encode()).hexdigest()[:12]}"
    parts.snapshots.delete(snapshot_id)
    begun = parts.clock.now()
    copied = keyspace.copy_sample(patterns, token)
    if copied.keys == 0:
        return {"keys": 0, "skipped": copied.skipped, "seconds": 0.0}
    with _left_clean(parts, keyspace, copied, snapshot_id):
        there = parts.clock.now()
        _take(parts, keyspace, copied, snapshot_id, token, report)
        taken = parts.clock.now()
        snapshot = parts.snapshots.reader(snapshot_id)
        keyspace.restore(snapshot, on_batch=report.walk_until_told(DRILL, _line, copied.keys))
        back = parts.clock.now()
        found = keyspace.verify(
            snapshot, on_batch=report.walk_until_told(DRILL, _line, copied.keys)
        )
        ended = parts.clock.now()
        _refuse_lost(copied, found)
    return {
        "keys": copied.keys,
        "skipped": copied.skipped,
        "seconds": (ended - begun).total_seconds(),
        "walk_s": (taken - there).total_seconds(),
        "restore_s": (back - taken).total_seconds(),
        "verify_s": (ended - back).total_seconds(),
    }


def _line(done: int, total: int, keys_per_s: float) -> str:
    return LINE


def _take(
    parts: Parts, keyspace: Keyspace, copied: Copied, snapshot_id: str, token: str, report: Report
) -> None:
    with parts.snapshots.writer(snapshot_id) as writer:
        outcome = keyspace.purge(
            (copied.pattern,),
            writer,
            stage=f"drill-{token}-purge",
            on_batch=report.walk_until_told(DRILL, _line, copied.keys),
        )
    if outcome.taken != copied.keys:
        raise _failed(f"of {copied.keys:,} copies the purge took {outcome.taken:,}")


@contextmanager
def _left_clean(
    parts: Parts, keyspace: Keyspace, copied: Copied, snapshot_id: str
) -> Iterator[None]:
    """Remove the snapshot and the copies, whatever happened; copies that cannot be reached expire by themselves."""
    try:
        yield
    finally:
        parts.snapshots.delete(snapshot_id)
        try:
            keyspace.drop_copies(copied)
        except Refusal as refusal:
            log.warning("a drill's copies are left to expire: %s", refusal)


def _refuse_lost(copied: Copied, found: VerifyOutcome) -> None:
    if found.equal != copied.keys:
        raise _failed(f"of {copied.keys:,} copies {found.equal:,} came back as they were")


def _failed(what: str) -> Refusal:
    return Refusal(
        code=Code.DRILL_FAILED,
        failed=f"The drill failed: {what}. No key of the app was touched.",
        expected="every copy back with its content and its expiry; look at the server before anything is purged.",
        retry_is_safe=True,
    )


def _measured(parts: Parts, job: Job, release_id: int, numbers: Json) -> Measurement:
    return Measurement(
        release_id=release_id,
        app=job.app_name,
        environment=job.environment_name,
        route="+".join(name for name, _ in job.routes),
        kind=DRILL,
        phase="check",
        at=parts.clock.now(),
        numbers=numbers,
    )
