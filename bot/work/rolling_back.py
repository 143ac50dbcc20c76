"""Rolls a release back: deploy command, purge of new values, restore, verify, lock."""

from __future__ import annotations

from bot.release.asking_why import ask_why
from bot.release.checklist import cards_of, purge_snapshots
from bot.release.generation import moves_of
from bot.release.locking import REMIND_EVERY, holds
from bot.release.records import (
    Action,
    ActionMove,
    ActionState,
    Change,
    Lock,
    ReleaseMove,
    SnapshotRow,
    Story,
)
from bot.release.refusal import Refusal
from bot.release.states import RELEASE, Move, after
from bot.steps import Job
from bot.work.cache_undo import Tally, purge_new_values, put_back_untaken, remember, restore
from bot.work.carry_out import hook_values
from bot.work.deploying import deploy_back
from bot.work.jobs import job_of_step, keep_outcome, story_of
from bot.work.look import BOT
from bot.work.parts import Parts
from bot.work.report import Report
from bot.work.setting_back import set_back


def roll_back(parts: Parts, action: Action, report: Report) -> None:
    """Undo in the order that leaves no value of the new release behind; every phase can be resumed."""
    story = story_of(parts, action)
    job = job_of_step(parts, story, story.steps[0])
    tally = Tally(**report.so_far)
    taken = purge_snapshots(story)
    if not action.args["cold"]:
        _prove(parts, _restorable(parts, taken))
    if action.args["deploy"]:
        _deploy(parts, job, action, report, tally)
    moves = moves_of(story)
    if moves:
        keyspace = parts.keyspace(story.release.app, story.release.environment)
        set_back(keyspace, moves, report, tally, cold=bool(action.args["cold"]))
    if taken:
        keyspace = parts.keyspace(story.release.app, story.release.environment)
        purge_new_values(parts, keyspace, story, job, action, report, tally)
        if not action.args["cold"]:
            restore(parts, keyspace, _restorable(parts, taken), report, tally)
            if taken[-1].state == "open":
                put_back_untaken(parts, keyspace, report, tally)
    keep_outcome(parts, action, lambda: _rolled_back(parts, story_of(parts, action), action, tally))


def _prove(parts: Parts, rows: tuple[SnapshotRow, ...]) -> None:
    """Refuse a snapshot that cannot be put back before the first thing is changed."""
    for row in rows:
        try:
            parts.snapshots.reader(row.id)
        except Refusal as refusal:
            raise Refusal(
                code=refusal.code,
                failed=f"{refusal.failed} Nothing was changed.",
                expected=f"{refusal.expected} `rollback --cold` goes on without the snapshot.",
                retry_is_safe=True,
            ) from refusal


def _restorable(parts: Parts, taken: tuple[SnapshotRow, ...]) -> tuple[SnapshotRow, ...]:
    """Return the snapshots that can go back; one that was announced and never begun holds nothing."""
    begun = parts.snapshots.ids()
    return tuple(
        row for row in taken if row.state != "expired" and (row.state != "open" or row.id in begun)
    )


def _deploy(parts: Parts, job: Job, action: Action, report: Report, tally: Tally) -> None:
    """Run the app's own rollback command, where it has one and it did not run yet."""
    if job.app.rollback is None:
        return
    ran = deploy_back(parts, job.app.rollback, hook_values(job), action, report)
    if ran is not None:
        tally.hook = ran
        remember(report, tally)


def _rolled_back(parts: Parts, story: Story, action: Action, tally: Tally) -> Change:
    release = story.release
    now = parts.clock.now()
    result = {
        **vars(tally),
        "verified": tally.restored,
        "seconds": (now - action.asked_at).total_seconds(),
    }
    lock = Lock(
        app=release.app,
        environment=release.environment,
        reason=f"{release.name} was rolled back; unlock when the cause is understood.",
        by=action.asked_by,
        at=now,
        remind_at=now + REMIND_EVERY,
    )
    return Change(
        act="rolled back",
        by=BOT,
        at=now,
        release_id=release.id,
        body=result,
        releases=(
            ReleaseMove(
                id=release.id,
                seen_version=release.version,
                to=after(RELEASE, release.state, Move.RESTORED),
                ended=True,
            ),
        ),
        actions=(
            ActionMove(key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result),
        ),
        lock=story.lock if holds(story.lock, now) else lock,
        notices=(ask_why(release, key=action.key, at=now),),
        lock_from=None if story.lock is None else story.lock.by,
        cards=(*cards_of(story), f"rollback:{release.id}", f"end:{release.id}"),
    )
