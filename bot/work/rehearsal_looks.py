"""Walks the checklist of a rehearsal: every look, and the purge into a snapshot, each recorded when it is done."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from bot.release.finding import find_environment
from bot.release.plan import Plan, plan_from_json
from bot.release.records import Outcome, Verdict
from bot.release.treatment import PLAIN
from bot.release.wave_plan import shares_of
from bot.steps import (
    Counted,
    Job,
    Proved,
    Purge,
    Purged,
    Resolved,
    ResolveHook,
    Seen,
    Step,
    Wish,
)
from bot.work.carry_out import carry_out
from bot.work.generations import NOTED
from bot.work.rehearsal_hook import RehearsalHook
from bot.work.rehearsal_undo import Rehearsed
from bot.work.report import Paused

UNTIL = "the rehearsal ends"


def walk_checklist(work: Rehearsed) -> None:
    """Look before, then take the steps in order; those that an earlier run recorded are not repeated."""
    steps = sorted(work.parts.steps.values(), key=lambda step: step.order)
    for step in steps:
        _baseline(work, step)
    done = {row["kind"] for row in work.kept["steps"]}
    for step in steps:
        if step.kind not in done:
            work.begins(step.title.lower())
            verdict = _purge(work, step) if step.acts else _look(work, step)
            work.note(step.kind, step.title, verdict.outcome, verdict.evidence)


def _baseline(work: Rehearsed, step: Step) -> None:
    measured: dict[str, Any] = work.kept["baseline"]
    wishes = step.baseline(work.job)
    if not wishes or step.kind in measured or work.kept["steps"]:
        return
    work.begins(f"{step.title.lower()}, before")
    work.report.phase("baseline", f"before: {step.title.lower()}")
    seen = tuple(_seen(work, work.job, wish) for wish in wishes)
    measured[step.kind] = dict(step.remember(work.job, seen))
    work.report.keep()


def _look(work: Rehearsed, step: Step) -> Verdict:
    work.report.phase("look", step.title.lower())
    plan = work.kept.get("plan")
    job = replace(
        work.job,
        baseline=work.kept["baseline"].get(step.kind),
        plan=None if plan is None else plan_from_json(plan),
        snapshot_id=work.snapshot_id if work.kept.get("taken") is not None else None,
    )
    return step.judge(job, tuple(_seen(work, job, wish) for wish in step.plan(job)))


def _seen(work: Rehearsed, job: Job, wish: Wish) -> Seen:
    """Carry out a look; the command is resolved with the values of the rehearsal's own environment."""
    if isinstance(wish, ResolveHook):
        return _resolved(work)
    seen = carry_out(work.parts, job, wish, work.report)
    if isinstance(seen, Proved):
        until = None if seen.snapshot_id is None else UNTIL
        return replace(seen, expires_at=until, generations=tuple(work.kept["generations"]))
    return seen


def _resolved(work: Rehearsed) -> Resolved:
    return RehearsalHook(work.parts, work.action, work.job).resolved()


def _purge(work: Rehearsed, step: Step) -> Verdict:
    """Count, then purge exactly that, in the waves and at the pace of the environment that is rehearsed for."""
    judged = _planned(work, step)
    plan = plan_from_json(work.kept["plan"])
    job = replace(_as_real(work, plan), plan=plan, snapshot_id=work.snapshot_id)
    (wish,) = map(_undoable, step.act(job))
    work.report.phase("purge", "keys taken out", total=plan.keys)
    try:
        acted = _acted(work, job, wish)
    except Paused:
        look = work.report.so_far["waves"][-1]["look"]
        return Verdict(outcome=Outcome.FAIL, evidence=str(look["evidence"]), actual="")
    verdict = step.judge_act(job, (acted,))
    unsure = judged["outcome"] != Outcome.PASS and verdict.outcome is Outcome.PASS
    return replace(
        verdict,
        outcome=Outcome(judged["outcome"]) if unsure else verdict.outcome,
        evidence=f"{judged['evidence']} {_took(acted)}",
    )


def _undoable(wish: Purge) -> Purge:
    """Return the purge with a snapshot of what it deletes for good elsewhere: a rehearsal puts everything back."""
    kept = tuple(row for row in wish.treatments if row[1] != PLAIN)
    return replace(wish, treatments=kept)


def _took(acted: Purged) -> str:
    """Return what was taken; the snapshot is not named, because it goes when the rehearsal ends."""
    set_next = "".join(f"Set: {line}. " for line in acted.generations)
    if acted.snapshot_id is None:
        return set_next.strip()
    waves = "at once" if acted.waves == 1 else f"in {acted.waves} waves"
    how = "copied, to expire soon," if acted.soft else "taken out"
    taken = f"{acted.taken:,} {how} {waves} in {acted.seconds:.1f} s, {acted.left:,} left."
    return f"{set_next}{taken}"


def _planned(work: Rehearsed, step: Step) -> dict[str, str]:
    kept = work.kept
    if "plan" not in kept:
        work.report.phase("look", "counting")
        seen = tuple(_seen(work, work.job, wish) for wish in step.plan(work.job))
        judged = step.judge(work.job, seen)
        plan = next(row.plan for row in seen if isinstance(row, Counted))
        kept["plan"] = asdict(plan)
        kept["planned"] = {"outcome": str(judged.outcome), "evidence": judged.evidence}
        work.report.keep()
    found: dict[str, str] = kept["planned"]
    return found


def _acted(work: Rehearsed, job: Job, wish: Purge) -> Purged:
    seen = carry_out(work.parts, job, wish, work.report, confirmed=wish.plan_hash)
    assert isinstance(seen, Purged)
    work.kept["taken"] = seen.taken if wish.patterns else None
    work.kept["waves"] = seen.waves
    work.kept["generations"] = list(seen.generations)
    work.kept["moves"] = work.report.so_far.pop(NOTED, [])
    return seen


def _as_real(work: Rehearsed, plan: Plan) -> Job:
    name = work.action.args["environment"]
    real = find_environment(work.job.app, name)
    update = {"waves": shares_of(name, real, plan.keys), "pace": real.pace}
    return replace(work.job, environment=work.job.environment.model_copy(update=update))
