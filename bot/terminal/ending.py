"""How a verb ended: one value, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.release.checklist import restorable_until
from bot.release.generation import moves_of
from bot.release.plan import plan_from_json
from bot.release.records import (
    Action,
    ActionKind,
    ActionState,
    Json,
    Outcome,
    StepLine,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.telling import told
from bot.terminal.pausing import paused_lines
from bot.terminal.plan_lines import plan_lines
from bot.terminal.wording import spelled

NOT_DONE = ("Not ", "Nothing ")


class How(StrEnum):
    """In which way; `left` is work that goes on without this terminal."""

    DONE = "done"
    PLANNED = "planned"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT = "left"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The end of a verb: `lines` for people, all else for machines."""

    how: How
    lines: tuple[str, ...]
    release: str | None = None
    outcome: Outcome | None = None
    evidence: str | None = None
    numbers: Json = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def exit_code(self) -> int:
        """Return 0 for done and not failed or unsure, 2 for what could not be understood, else 1."""
        if self.refusal is not None and self.refusal.code is Code.BAD_REQUEST:
            return 2
        well = self.how in {How.DONE, How.PLANNED} and self.outcome in {None, Outcome.PASS}
        return 0 if well else 1

    def as_json(self, verb: str) -> Mapping[str, Any]:
        """Return the same keys for every verb and every end; null where there is nothing to say."""
        refusal = self.refusal
        return {
            "verb": verb,
            "state": self.how,
            "release": self.release,
            "verdict": self.outcome,
            "evidence": self.evidence,
            "numbers": self.numbers,
            "code": None if refusal is None else refusal.code,
            "failed": None if refusal is None else refusal.failed,
            "expected": None if refusal is None else refusal.expected,
            "retry_is_safe": None if refusal is None else refusal.retry_is_safe,
            "text": [spelled(line) for line in self.lines],
        }


def of_refusal(refusal: Refusal) -> Ending:
    """Return the end of what was not done."""
    start = "" if refusal.failed.startswith(NOT_DONE) else "Not done. "
    return Ending(
        how=How.REFUSED,
        refusal=refusal,
        lines=(
            f"{start}{refusal.failed}",
            f"Expected: {refusal.expected}",
            "Retry is safe." if refusal.retry_is_safe else "Do not retry before looking.",
        ),
    )


def of_action(action: Action, story: Story | None) -> Ending:
    """Return the end of work; `story` is that of its release, where it has one."""
    name = None if story is None else story.release.name
    if action.state is ActionState.PAUSED:
        return Ending(how=How.LEFT, release=f"R-{action.release_id}", lines=paused_lines(action))
    if action.state is not ActionState.DONE:
        return _broken(action, name)
    if story is None:
        return _looked(action)
    if action.kind is ActionKind.RUN_STEP:
        return of_step(story, next(row for row in story.steps if row.number == action.step))
    bad = bool(action.result.get("failed"))
    first, *more = told(action)
    if action.kind is ActionKind.PURGE:
        first = f"{name} purged: {first}"
    return Ending(
        how=How.DONE,
        release=name,
        outcome=Outcome.FAIL if bad else Outcome.PASS,
        evidence=first,
        numbers=action.result,
        lines=(first, *more, *_what_next(action, story)),
    )


def _broken(action: Action, name: str | None) -> Ending:
    result = action.result
    unknown = action.state is ActionState.UNKNOWN
    return Ending(
        how=How.UNKNOWN if unknown else How.FAILED,
        release=name,
        refusal=Refusal(
            code=Code(result["code"]),
            failed=result["failed"],
            expected=result["expected"],
            retry_is_safe=result["retry_is_safe"],
        ),
        lines=told(action),
    )


def _looked(action: Action) -> Ending:
    result = action.result
    numbers = dict(result.get("numbers") or {})
    plan = numbers.get("plan")
    first, *measured = told(action)
    shown = [f"  {line}" for line in measured] if plan is None else plan_lines(plan_from_json(plan))
    return Ending(
        how=How.DONE,
        outcome=Outcome(result["outcome"]),
        evidence=result["evidence"],
        numbers=numbers,
        lines=(first, *shown),
    )


def of_step(story: Story, step: StepLine) -> Ending:
    """Return the verdict of a step, or the plan of a purge, beside what is expected of it."""
    verdict = step.verdict
    assert verdict is not None
    release, name = story.release, story.release.name
    where = f"{', '.join(release.routes)} of {release.app} {release.environment}"
    numbers = dict(verdict.numbers)
    plan = numbers.get("plan")
    shown = (
        tuple(f"  {line}" for line in verdict.actual.splitlines())
        if plan is None
        else (*plan_lines(plan_from_json(plan)), f"  Plan {step.plan_hash}")
    )
    return Ending(
        how=How.DONE if plan is None else How.PLANNED,
        release=name,
        outcome=verdict.outcome,
        evidence=verdict.evidence,
        numbers={
            **numbers,
            "step": step.number,
            "step_state": step.state,
            "step_version": step.version,
        },
        lines=(
            f"{name}, {where}, step {step.number}: {step.title}.",
            f"{verdict.outcome.upper()}. {verdict.evidence}",
            *shown,
            f"  Expected: {step.expected}",
        ),
    )


def _what_next(action: Action, story: Story) -> tuple[str, ...]:
    release = story.release
    if action.kind is ActionKind.ROLLBACK:
        where = f"{release.app} --environment {release.environment}"
        return (f"When the cause is understood: cache-release unlock {where}",)
    until = restorable_until(story)
    if until is None and moves_of(story):
        return (f"To undo it: cache-release rollback {release.name}",)
    if until is None:
        return ()
    return (f"To undo it until {until:%Y-%m-%d %H:%M} UTC: cache-release rollback {release.name}",)
