"""How long an approval may be given: then the request is closed, and the step must be run again."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.release.checklist import approvals_of, bound_hash
from bot.release.notices import Notice
from bot.release.records import ActionKind, Change, Outcome, StepLine, StepMove, Story, Verdict
from bot.release.refusal import Code, Refusal
from bot.release.spans import in_words
from bot.release.states import STEP, Move, StepState, after
from bot.release.steering import BOT
from bot.release.stopping import standing


def waits_since(story: Story, step: StepLine) -> datetime | None:
    """Return when what is to be approved was seen: the end of the step's last run."""
    runs = [
        row.ended_at
        for row in story.actions
        if row.step == step.number and row.kind is ActionKind.RUN_STEP and row.ended_at is not None
    ]
    return max(runs, default=step.moved_at)


def closes_at(story: Story, step: StepLine, life: timedelta | None) -> datetime | None:
    """Return when the request for approval of a judged step is closed; None where it never is."""
    since = waits_since(story, step)
    return None if life is None or since is None else since + life


def refuse_closed(story: Story, step: StepLine, at: datetime, life: timedelta | None) -> None:
    """Refuse an approval that comes too late, also where no clock has closed the request yet."""
    closed = closes_at(story, step, life)
    if step.state is not StepState.JUDGED or closed is None or life is None or at < closed:
        return
    raise Refusal(
        code=Code.APPROVAL_CLOSED,
        failed=f"Not approved: step {step.number} waited longer than {in_words(life)}, and its request closed at "
        f"{closed:%Y-%m-%d %H:%M} UTC. Nothing was changed.",
        expected="another run of the step, and an approval of what that one shows.",
        retry_is_safe=True,
    )


def is_closed(story: Story, step: StepLine, at: datetime, life: timedelta | None) -> bool:
    """Return whether the step waits for an approval that comes too late by now."""
    good = step.verdict is not None and step.verdict.outcome is not Outcome.FAIL
    closed = closes_at(story, step, life)
    return step.state is StepState.JUDGED and good and closed is not None and at >= closed


def closing(story: Story, step: StepLine, at: datetime, life: timedelta) -> Change:
    """Return the change that closes a request: approvals are void, and the step must be run again.

    The thread is told here; the step's owner is called as for every step that stopped.
    """
    release, given = story.release, approvals_of(story, step)
    void = f" Approvals that are void: {len(given)}." if given else ""
    why = f"Nobody approved it in {in_words(life)}: the request is closed.{void}"
    moved = StepMove(
        release_id=release.id,
        number=step.number,
        seen_version=step.version,
        to=after(STEP, step.state, Move.EXPIRE),
        verdict=Verdict(
            outcome=Outcome.FAIL,
            evidence=why,
            actual="Expected: another run of the step, and approvals of what that one shows.",
            numbers=standing(step),
        ),
    )
    told = Notice(
        key=f"closed:{release.id}:{step.number}:{bound_hash(step)[:40]}",
        to=None,
        text=f"Step {step.number} of {release.name} was not approved in {in_words(life)}. The request is closed.",
        at=at,
        about=release.id,
        lines=(
            f"Nothing was changed.{void} Run the step again for a new look and a new approval.",
        ),
    )
    return Change(
        act="approval closed",
        by=BOT,
        at=at,
        release_id=release.id,
        body={"step": step.number, "void": [row.by for row in given]},
        steps=(moved,),
        notices=(told,),
        cards=(f"step:{release.id}:{step.number}", f"root:{release.id}"),
    )
