"""Rehearses a release on another environment, without people: the looks, the purge, the rollback, the comparison."""

from __future__ import annotations

from dataclasses import replace

from bot.release.finding import find_environment, patterns_of
from bot.release.records import Action, ActionMove, ActionState, Change, Measurement
from bot.release.refusal import Code, Refusal
from bot.release.rehearsal_result import rehearsal_result
from bot.release.rehearsing import card_of, same_scope
from bot.steps import Job
from bot.work.jobs import job_of_look
from bot.work.look import BOT
from bot.work.parts import Parts
from bot.work.rehearsal_looks import walk_checklist
from bot.work.rehearsal_recovery import put_back_left, put_back_now
from bot.work.rehearsal_undo import Rehearsed, undo
from bot.work.report import Report
from bot.work.two_environments import compare_places

LOOKED_AT = 50


def rehearse(parts: Parts, action: Action, report: Report) -> None:
    """Do on the rehearsal's environment all that a release does, and put it back; safe to run again after a crash.

    What is done stands in the action's progress: a look is not repeated, a purge goes on in its snapshot. Where
    something breaks off, what was taken out is put back first.
    """
    job = _job(parts, action)
    _refuse_busy(parts, action)
    work = Rehearsed(parts=parts, action=action, report=report, job=job)
    put_back_left(work)
    compare_places(parts, action, job, report)
    try:
        walk_checklist(work)
        undo(work)
    except Refusal as refusal:
        raise put_back_now(work, refusal) from refusal
    _record(parts, work)


def _job(parts: Parts, action: Action) -> Job:
    """Return the job on the rehearsal's environment, at the pace of the one that is rehearsed for."""
    job = job_of_look(parts, _at(action))
    find_environment(job.app, action.args["environment"])
    return job


def _at(action: Action) -> Action:
    args = {**action.args, "environment": action.args["on"]}
    return replace(action, args=args)


def _refuse_busy(parts: Parts, action: Action) -> None:
    """Refuse where people are at work on the same routes there, or do not want any."""
    app, on = action.args["app"], action.args["on"]
    lock = parts.ledger.lock(app, on)
    if lock is not None:
        raise Refusal(
            code=Code.LOCKED,
            failed=f"Not rehearsed: {app} {on} is locked by <@{lock.by}>: {lock.reason}",
            expected=f"an unlocked app; `/cache-release unlock {app} --environment {on}`.",
            retry_is_safe=True,
        )
    for row in parts.ledger.releases(app=app, live=True, limit=LOOKED_AT):
        if row.environment == on and set(row.routes) & set(action.args["routes"]):
            raise Refusal(
                code=Code.SCOPE_BUSY,
                failed=f"Not rehearsed: {row.name} is live on {on} with the same routes.",
                expected="routes that no live release holds there; finish, roll back or abandon it.",
                retry_is_safe=True,
            )


def _record(parts: Parts, work: Rehearsed) -> None:
    action, job = work.action, work.job
    result = rehearsal_result(action, work.report.so_far, parts.catalog.hash)
    now = parts.clock.now()
    speaks_for = same_scope(parts.ledger.releases(app=job.app_name, live=True, limit=50), action)
    cards = (card_of(action), *(f"{kind}:{row.id}" for row in speaks_for for kind in KINDS))
    kept = Measurement(
        release_id=None,
        app=job.app_name,
        environment=job.environment_name,
        route="+".join(name for name, _ in job.routes),
        kind=str(action.kind),
        phase="check",
        at=now,
        numbers={name: result["numbers"][name] for name in ("keys", "restored", "seconds")},
    )
    parts.ledger.keep(
        Change(
            act="rehearsed",
            by=BOT,
            at=now,
            release_id=action.args.get("release"),
            body={
                "key": action.key,
                "outcome": result["outcome"],
                "catalog_hash": parts.catalog.hash,
                "patterns": list(patterns_of(job.routes)),
            },
            actions=(
                ActionMove(
                    key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result
                ),
            ),
            measurements=(kept,),
            cards=tuple(dict.fromkeys(cards)),
        )
    )


KINDS = ("rehearsal", "root")
