"""Purges an approved plan: durable before destructive, stopped by a rollback, resumed after a crash."""

from __future__ import annotations

from dataclasses import replace

from bot.release.checklist import settle
from bot.release.locking import holds
from bot.release.opening import approvals_needed
from bot.release.records import (
    Action,
    ActionMove,
    ActionState,
    Change,
    Outcome,
    ReleaseMove,
    SnapshotRow,
    StepLine,
    StepMove,
    Story,
    Verdict,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import STEP, Move, ReleaseState, StepState, after
from bot.release.treatment import scopes_of
from bot.release.watch_calls import begun_cards
from bot.steps import Purged
from bot.work.authority import require_authority
from bot.work.beside_purge import look_after, look_before
from bot.work.carry_out import carry_out, refuse_drift
from bot.work.drilling import rehearse
from bot.work.generations import NOTED
from bot.work.jobs import job_of_step, keep_outcome, story_of
from bot.work.look import BOT
from bot.work.parts import Parts
from bot.work.report import Paused, Report, Stopped


def purge(parts: Parts, action: Action, report: Report) -> None:
    """Check the approval again, count again, announce the snapshot, then take the keys out."""
    story = story_of(parts, action)
    line = next(row for row in story.steps if row.number == action.step)
    _require_approved(parts, story, line, action)
    snapshot_id = f"r{story.release.id}-s{line.number}-v{action.key.rpartition(':v')[2]}"
    step = parts.steps[line.kind]
    job = replace(job_of_step(parts, story, line), snapshot_id=snapshot_id)
    (wish,) = step.act(job)
    captures = bool(wish.patterns)
    report.heed()
    if not report.so_far:
        # A purge that goes on after a crash or a pause ends what was allowed when it began.
        require_authority(parts, story, line, action.args["plan_hash"])
    row = _row(parts, story, snapshot_id)
    if captures and snapshot_id not in {known.id for known in story.snapshots}:
        report.phase("count", "counting again", total=wish.planned_keys)
        refuse_drift(parts, job, wish)
        scopes = scopes_of(wish.patterns, wish.treatments)
        if scopes.undoable:
            rehearse(parts, job, scopes.undoable, action, report)
        parts.ledger.keep(_snapshot(parts, story, row, act="snapshot opened"))
    begun = "shares" in report.so_far or NOTED in report.so_far
    job = look_before(parts, step, job, report, begun=begun)
    report.phase("purge", "keys taken out", total=wish.planned_keys)
    try:
        seen = carry_out(parts, job, wish, report, confirmed=action.args["plan_hash"])
        looks = look_after(parts, step, job, report)
    except Paused:
        if captures:
            _note_paused(parts, story, row, report)
        raise
    except (Refusal, Stopped):
        if captures:
            _note_taken(parts, story, row)
        raise
    assert isinstance(seen, Purged)
    verdict = step.judge_act(job, (seen, *looks))
    sealed = replace(row, state="sealed", keys=seen.taken, bytes=seen.bytes) if captures else None
    keep_outcome(
        parts,
        action,
        lambda: _purged(parts, story_of(parts, action), action, seen, verdict, sealed),
    )


def _note_taken(parts: Parts, story: Story, row: SnapshotRow) -> None:
    """Say in the ledger what a purge that broke off has in its snapshot: a rollback puts that back."""
    if row.id not in parts.snapshots.ids():
        return
    proof = parts.snapshots.prove(row.id)
    noted = replace(row, keys=proof.keys, bytes=proof.bytes)
    parts.ledger.keep(_snapshot(parts, story, noted, act="purge broke off"))


def _note_paused(parts: Parts, story: Story, row: SnapshotRow, report: Report) -> None:
    """Say in the ledger how much is in the snapshot, as far as it was counted; a pause need not prove it."""
    noted = replace(row, keys=int(report.so_far.get("taken", row.keys)))
    parts.ledger.keep(_snapshot(parts, story, noted, act="purge paused"))


def _purged(
    parts: Parts,
    story: Story,
    action: Action,
    seen: Purged,
    verdict: Verdict,
    sealed: SnapshotRow | None,
) -> Change:
    line = next(row for row in story.steps if row.number == action.step)
    failed, now = verdict.outcome is Outcome.FAIL, parts.clock.now()
    steps, releases = (
        _stopped(story, line)
        if failed
        else settle(story, line, Move.ACTED, at=now, watch=parts.watch)
    )
    result = {
        "taken": seen.taken,
        "left": seen.left,
        "seconds": seen.seconds,
        "snapshot": None if sealed is None else sealed.id,
        "generations": list(seen.generations),
        "waves": seen.waves,
        "old": seen.old,
        "warmed": seen.warmed,
    }
    return Change(
        act="purged",
        by=BOT,
        at=now,
        release_id=story.release.id,
        body={"step": line.number, **result},
        steps=(replace(steps[0], verdict=verdict), *steps[1:]),
        releases=releases,
        actions=(
            ActionMove(key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result),
        ),
        snapshots=() if sealed is None else (sealed,),
        cards=(
            f"root:{story.release.id}",
            *(f"step:{story.release.id}:{move.number}" for move in steps),
            *begun_cards(releases),
        ),
    )


def _stopped(story: Story, line: StepLine) -> tuple[tuple[StepMove, ...], tuple[ReleaseMove, ...]]:
    """Return the move of a purge that is done and was judged bad: the checklist does not go on by itself."""
    to = after(STEP, line.state, Move.BREAK)
    moved = StepMove(
        release_id=story.release.id, number=line.number, seen_version=line.version, to=to
    )
    return (moved,), ()


def _require_approved(parts: Parts, story: Story, line: StepLine, action: Action) -> None:
    """Read authority, state and plan from the ledger again, just before the effect."""
    approved = {row.by for row in story.approvals if row.plan_hash == action.args["plan_hash"]}
    needed = approvals_needed(parts.catalog.apps[story.release.app], story.release, line.plan)
    at_terminal = any(by.startswith("terminal:") for by in approved)
    if (
        story.release.state is ReleaseState.OPEN
        and line.state is StepState.ACTING
        and line.plan_hash == action.args["plan_hash"]
        and not holds(story.lock, parts.clock.now())
        and (len(approved) >= needed or at_terminal)
    ):
        return
    raise Refusal(
        code=Code.PLAN_CHANGED,
        failed=f"Not purged: {story.release.name} or its plan moved on since the approval.",
        expected="an open release, no lock, and an approval of exactly this plan.",
        retry_is_safe=True,
    )


def _row(parts: Parts, story: Story, snapshot_id: str) -> SnapshotRow:
    now = parts.clock.now()
    known = next((row for row in story.snapshots if row.id == snapshot_id), None)
    return known or SnapshotRow(
        id=snapshot_id,
        release_id=story.release.id,
        purpose="purge",
        state="open",
        keys=0,
        bytes=0,
        created_at=now,
        expires_at=now + parts.snapshot_life,
    )


def _snapshot(parts: Parts, story: Story, row: SnapshotRow, *, act: str) -> Change:
    return Change(
        act=act,
        by=BOT,
        at=parts.clock.now(),
        release_id=story.release.id,
        body={"snapshot": row.id, "keys": row.keys},
        snapshots=(row,),
        cards=(f"root:{story.release.id}",),
    )
