"""Pausing, resuming, stopping and slowing a purge: what may be told to which, and what is said when it is too late."""

from __future__ import annotations

from bot.release.ask import Ask
from bot.release.checklist import find_step
from bot.release.people import MAY_ROLL_BACK, Role
from bot.release.records import (
    ENDED_ACTION,
    Action,
    ActionKind,
    ActionMove,
    ActionState,
    Change,
    Control,
    Outcome,
    Steering,
    StepLine,
    StepMove,
    Story,
    Verdict,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import STEP, Move, StepState, after
from bot.release.stopping import standing

BOT = "cache-release"
MAY_STOP = MAY_ROLL_BACK
MAY_RESUME = frozenset({Role.ADMIN, Role.APPROVER, Role.ONCALL})


def newest_purge(story: Story) -> Action | None:
    """Return the purge that was asked for last, None where none was."""
    purges = (row for row in story.actions if row.kind is ActionKind.PURGE)
    return max(purges, key=lambda row: row.asked_at, default=None)


def find_purge(story: Story, *, otherwise: str) -> Action:
    """Return the purge that has not ended; refuse, starting with `otherwise`, where there is none."""
    action = newest_purge(story)
    if action is None or action.state in ENDED_ACTION:
        name = story.release.name
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"{otherwise}: {_why_not(name, action)}",
            expected="a purge that runs or is paused.",
            retry_is_safe=True,
        )
    return action


def _why_not(name: str, action: Action | None) -> str:
    if action is None:
        return f"no purge of {name} was begun."
    when = "" if action.ended_at is None else f" at {action.ended_at:%H:%M:%S} UTC"
    if action.state is not ActionState.DONE:
        return f"the purge of {name} broke off{when}."
    taken = int(action.result.get("taken") or 0)
    return f"the purge of {name} had ended{when}, {taken:,} keys are in its snapshot."


def told_by(action: Action) -> str:
    """Return `<@U1> at 14:03 UTC`; the bot itself where a look held the purge."""
    when = "" if action.control_at is None else f" at {action.control_at:%H:%M} UTC"
    who = action.control_by or BOT
    return f"the bot{when}" if who == BOT else f"<@{who}>{when}"


def held_by_look(action: Action) -> str | None:
    """Return the evidence of the look that paused the purge; None where a person did."""
    waves = action.progress.get("so_far", {}).get("waves") or []
    look = waves[-1].get("look") if waves else None
    if action.control_by != BOT or not isinstance(look, dict):
        return None
    return str(look.get("evidence", ""))


def steered(ask: Ask, story: Story, action: Action, steering: Steering) -> Change:
    """Return the change that tells a purge something, and shows it."""
    number = story.release.id
    told = steering.pace or str(steering.control)
    return Change(
        act=ask.verb,
        by=ask.who.id,
        at=ask.at,
        release_id=number,
        body={"key": action.key, "told": told},
        steering=(steering,),
        cards=(f"root:{number}", f"step:{number}:{action.step}"),
    )


def stopped_by(person: str, *, release: str) -> Refusal:
    """Return why a purge ended that a person stopped."""
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"Stopped by <@{person}>. What was taken out is in the snapshot of {release}.",
        expected="a person who decides: Roll back puts those keys back, Run again makes a new plan.",
        retry_is_safe=True,
    )


def end_paused(story: Story, why: Refusal) -> tuple[tuple[ActionMove, ...], tuple[StepMove, ...]]:
    """Return the moves that end a paused purge, which nobody works on; nothing where none is paused."""
    action = newest_purge(story)
    if action is None or action.state is not ActionState.PAUSED:
        return (), ()
    result = {
        "code": why.code,
        "failed": why.failed,
        "expected": why.expected,
        "retry_is_safe": why.retry_is_safe,
    }
    ended = ActionMove(
        key=action.key, seen_fence=action.fence, to=ActionState.FAILED, result=result
    )
    line = find_step(story, action.step)
    return (ended,), broken_off(line, why)


def broken_off(line: StepLine, why: Refusal) -> tuple[StepMove, ...]:
    """Return the move of a step whose work broke off; nothing where it was not at work."""
    if line.state not in {StepState.RUNNING, StepState.ACTING}:
        return ()
    retry = "Retry is safe." if why.retry_is_safe else "Do not retry before looking."
    verdict = Verdict(
        outcome=Outcome.FAIL,
        evidence=why.failed,
        actual=f"Expected: {why.expected} {retry}",
        numbers=standing(line),
    )
    return (
        StepMove(
            release_id=line.release_id,
            number=line.number,
            seen_version=line.version,
            to=after(STEP, line.state, Move.BREAK),
            verdict=verdict,
        ),
    )


def wish(action: Action, control: Control, *, to: ActionState | None = None) -> Steering:
    """Return what tells the purge this, as long as it is as it was seen."""
    return Steering(
        key=action.key,
        seen_state=action.state,
        seen_control=action.control,
        control=control,
        to=to,
    )
