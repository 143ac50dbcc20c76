"""Where a release stands in its checklist, and what follows when a step is settled."""

from __future__ import annotations

from datetime import datetime

from bot.release.records import (
    ENDED_ACTION,
    Action,
    ActionKind,
    Approval,
    ReleaseMove,
    SnapshotRow,
    StepLine,
    StepMove,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import (
    RELEASE,
    SETTLED_STEP,
    STEP,
    Move,
    ReleaseState,
    StepState,
    after,
)
from bot.release.watch_calls import watch_cards
from bot.release.watch_plan import WatchPlan, begins


def current_step(story: Story) -> StepLine | None:
    """Return the first step that is not settled."""
    return next((step for step in story.steps if step.state not in SETTLED_STEP), None)


def find_step(story: Story, number: int | None) -> StepLine:
    """Return the step of that number, or the current one where no number is given."""
    if number is None:
        step = current_step(story)
    else:
        step = next((step for step in story.steps if step.number == number), None)
    if step is None:
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"{story.release.name} has no such step left.",
            expected=f"a step from 1 to {len(story.steps)} that is still open.",
            retry_is_safe=True,
        )
    return step


def require_open(story: Story) -> None:
    """Refuse work on a checklist that has ended or is being rolled back."""
    if story.release.state is not ReleaseState.OPEN:
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"{story.release.name} is {story.release.state.replace('_', ' ')}. Nothing was done.",
            expected="a release that is open.",
            retry_is_safe=True,
        )


def require_seen(story: Story, step: StepLine, seen_version: int | None) -> None:
    """Refuse a press on a card that was drawn before the step moved on; say who moved it."""
    if seen_version is None or seen_version == step.version:
        return
    raise Refusal(
        code=Code.MOVED_ON,
        failed=f"Step {step.number} of {story.release.name} moved on: {_who_moved(story, step)}. Nothing was done.",
        expected="a press on the card as it is now.",
        retry_is_safe=True,
    )


def _who_moved(story: Story, step: StepLine) -> str:
    approved = [row for row in story.approvals if row.step == step.number]
    if approved and step.state in {StepState.ACTING, StepState.DONE}:
        last = max(approved, key=lambda row: row.at)
        return f"already approved by <@{last.by}> at {last.at:%H:%M} UTC"
    asked = [row for row in story.actions if row.step == step.number]
    if asked and step.state in {StepState.RUNNING, StepState.JUDGED, StepState.STOPPED}:
        last_ask = max(asked, key=lambda row: row.asked_at)
        return f"run by <@{last_ask.asked_by}> at {last_ask.asked_at:%H:%M} UTC, now {step.state}"
    return f"it is {step.state} now"


def approvals_of(story: Story, step: StepLine) -> tuple[Approval, ...]:
    """Return the approvals that bind to what the step shows now."""
    bound = bound_hash(step)
    return tuple(
        row for row in story.approvals if row.step == step.number and row.plan_hash == bound
    )


def planned_by(story: Story, step: StepLine) -> str | None:
    """Return who made the step's plan: the one who ran it last; None where it was never run."""
    kind = ActionKind.RUN_STEP
    runs = [row for row in story.actions if row.step == step.number and row.kind is kind]
    return max(runs, key=lambda row: row.asked_at).asked_by if runs else None


def bound_hash(step: StepLine) -> str:
    """Return what an approval of the step binds to: the plan's hash, or the run that gave the verdict."""
    return step.plan_hash or "nothing"


def settle(
    story: Story,
    step: StepLine,
    move: Move,
    *,
    at: datetime,
    watch: WatchPlan,
    reason: str | None = None,
) -> tuple[tuple[StepMove, ...], tuple[ReleaseMove, ...]]:
    """Return the moves that settle a step and open the next one; after the last the watch begins, or all is done."""
    ended = StepMove(
        release_id=story.release.id,
        number=step.number,
        seen_version=step.version,
        to=after(STEP, step.state, move),
        reason=reason,
    )
    following = [
        row for row in story.steps if row.number != step.number and row.state not in SETTLED_STEP
    ]
    if not following:
        if story.release.state is not ReleaseState.OPEN:
            return (ended,), ()
        return (ended,), (begins(story, ended.to, at, watch) or finish(story),)
    first = following[0]
    if first.state is not StepState.WAITING:
        return (ended,), ()
    opened = StepMove(
        release_id=story.release.id,
        number=first.number,
        seen_version=first.version,
        to=after(STEP, first.state, Move.OPEN),
    )
    return (ended, opened), ()


def finish(story: Story) -> ReleaseMove:
    """Return the move that ends the release well."""
    return ReleaseMove(
        id=story.release.id,
        seen_version=story.release.version,
        to=after(RELEASE, story.release.state, Move.FINISH),
        ended=True,
    )


def purge_snapshots(story: Story) -> tuple[SnapshotRow, ...]:
    """Return the snapshots that hold what this release took out, oldest first."""
    rows = (row for row in story.snapshots if row.purpose == "purge")
    return tuple(sorted(rows, key=lambda row: row.created_at))


def rollbacks(story: Story) -> tuple[Action, ...]:
    """Return the rollbacks that were asked for, oldest first."""
    rows = (row for row in story.actions if row.kind is ActionKind.ROLLBACK)
    return tuple(sorted(rows, key=lambda row: row.asked_at))


def running_work(story: Story) -> tuple[Action, ...]:
    """Return the actions that have not ended."""
    return tuple(row for row in story.actions if row.state not in ENDED_ACTION)


def cards_of(story: Story) -> tuple[str, ...]:
    """Return the messages that show a release: the root card, a card for each step, those of its watch."""
    number = story.release.id
    steps = (f"step:{number}:{step.number}" for step in story.steps)
    return (f"root:{number}", *steps, *watch_cards(story))


def restorable_until(story: Story) -> datetime | None:
    """Return when the first snapshot of what was taken expires; None where nothing was taken."""
    return min((row.expires_at for row in purge_snapshots(story)), default=None)
