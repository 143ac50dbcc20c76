"""Runs a step's look, its baseline first, and looks that belong to no release."""

from __future__ import annotations

import logging

from bot.release.checklist import purge_snapshots
from bot.release.generation import moves_of
from bot.release.records import (
    Action,
    ActionKind,
    ActionMove,
    ActionState,
    Change,
    Json,
    Measurement,
    ReleaseMove,
    StepLine,
    StepMove,
    Story,
    Verdict,
)
from bot.release.refusal import Refusal
from bot.release.states import RELEASE, STEP, Move, ReleaseState, after
from bot.release.stopping import still_stopped
from bot.steps import Job, Seen, Step
from bot.work.carry_out import carry_out, hook_values
from bot.work.jobs import job_of_look, job_of_step, keep_outcome, measured, story_of
from bot.work.parts import Parts
from bot.work.report import Report

log = logging.getLogger(__name__)

BOT = "cache-release"
LOOK_KINDS = {
    ActionKind.CHECK: "latency",
    ActionKind.HEADERS: "headers",
    ActionKind.PREVIEW: "purge",
}


def run_step(parts: Parts, action: Action, report: Report) -> None:
    """Look, judge, record; the first look of a release records the baseline as well."""
    _record_previous(parts, story_of(parts, action))
    _record_baseline(parts, story_of(parts, action), action, report)
    story = story_of(parts, action)
    line = _line(story, action)
    step = parts.steps[line.kind]
    job = job_of_step(parts, story, line)
    report.phase("look", "looking")
    seen = look_at(parts, job, step, report)
    verdict = still_stopped(line, step.judge(job, seen))
    kept = measured(job, parts, kind=line.kind, phase="after", numbers=verdict.numbers)
    keep_outcome(
        parts,
        action,
        lambda: _judged(action, _line(story_of(parts, action), action), verdict, kept),
    )


def look_at(parts: Parts, job: Job, step: Step, report: Report) -> tuple[Seen, ...]:
    """Return all that a step wants to see before it judges; what is left open is looked at once more, and only once."""
    seen = tuple(carry_out(parts, job, wish, report) for wish in step.plan(job))
    further = step.further(job, seen)
    if further:
        report.phase("look", "not sure yet, looking once more")
    return seen + tuple(carry_out(parts, job, wish, report) for wish in further)


def _line(story: Story, action: Action) -> StepLine:
    return next(row for row in story.steps if row.number == action.step)


def _judged(action: Action, line: StepLine, verdict: Verdict, kept: Measurement) -> Change:
    return Change(
        act="judge",
        by=BOT,
        at=kept.at,
        release_id=line.release_id,
        body={"step": line.number, "outcome": verdict.outcome, "evidence": verdict.evidence},
        steps=(
            StepMove(
                release_id=line.release_id,
                number=line.number,
                seen_version=line.version,
                to=after(STEP, line.state, Move.JUDGE),
                verdict=verdict,
                plan=verdict.numbers.get("plan"),
                plan_hash=verdict.numbers.get("plan_hash", action.key),
            ),
        ),
        actions=(_ended(action, {"outcome": verdict.outcome, "evidence": verdict.evidence}),),
        measurements=(kept,),
        cards=(f"step:{line.release_id}:{line.number}", f"root:{line.release_id}"),
    )


def _ended(action: Action, result: Json) -> ActionMove:
    return ActionMove(key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result)


def _record_previous(parts: Parts, story: Story) -> None:
    """Ask the app once which version to go back to, before anything is changed."""
    release = story.release
    hook = parts.catalog.apps[release.app].rollback
    if hook is None or release.previous is not None or release.state is not ReleaseState.OPEN:
        return
    try:
        version = parts.hook.previous(hook, hook_values(job_of_step(parts, story, story.steps[0])))
    except Refusal as refusal:
        # Looking must not wait for the deploy tool; the last step fails while no version is known.
        log.warning("%s has no version to go back to yet: %s", release.name, refusal)
        return
    if version is None:
        return
    parts.ledger.keep(
        Change(
            act="note previous version",
            by=BOT,
            at=parts.clock.now(),
            release_id=release.id,
            body={"previous": version},
            releases=(
                ReleaseMove(
                    id=release.id,
                    seen_version=release.version,
                    to=after(RELEASE, release.state, Move.NOTE),
                    previous=version,
                ),
            ),
            cards=(f"root:{release.id}",),
        )
    )


def _record_baseline(parts: Parts, story: Story, action: Action, report: Report) -> None:
    """Measure each kind that wants it once, and only while nothing was purged."""
    if purge_snapshots(story) or moves_of(story):
        return
    for line in story.steps:
        step = parts.steps[line.kind]
        job = job_of_step(parts, story, line)
        wishes = step.baseline(job)
        if not wishes or job.baseline is not None:
            continue
        report.phase("baseline", f"before: {line.title.lower()}")
        seen = tuple(carry_out(parts, job, wish, report) for wish in wishes)
        numbers = step.remember(job, seen)
        parts.ledger.keep(
            Change(
                act="baseline",
                by=BOT,
                at=parts.clock.now(),
                release_id=story.release.id,
                body={"kind": line.kind},
                measurements=(
                    measured(job, parts, kind=line.kind, phase="before", numbers=numbers),
                ),
            )
        )


def look_outside(parts: Parts, action: Action, report: Report) -> None:
    """Look at a route that is in no release; the answer is the action's own card."""
    kind = LOOK_KINDS[action.kind]
    step = parts.steps[kind]
    job = job_of_look(parts, action, kind)
    report.phase("look", "looking")
    seen = look_at(parts, job, step, report)
    verdict = step.judge(job, seen)
    result = {
        "outcome": verdict.outcome,
        "evidence": verdict.evidence,
        "actual": verdict.actual,
        "numbers": dict(verdict.numbers),
    }
    parts.ledger.keep(
        Change(
            act=f"{action.kind} done",
            by=BOT,
            at=parts.clock.now(),
            body={"key": action.key, "outcome": verdict.outcome},
            actions=(_ended(action, result),),
            measurements=(measured(job, parts, kind=kind, phase="check", numbers=verdict.numbers),),
            cards=report.cards,
        )
    )
