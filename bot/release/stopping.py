"""A verdict that stops its release: what it is, what keeps it standing, and who may pass by it."""

from __future__ import annotations

from dataclasses import replace

from bot.release.catalog import App
from bot.release.people import Person, may_approve
from bot.release.records import Json, Outcome, StepLine, Verdict
from bot.release.refusal import Code, Refusal
from bot.release.states import StepState

DECIDED = "Roll back, run it again until it passes, or have an approver skip it with a reason."


def stops_of(verdict: Verdict | None) -> tuple[str, ...]:
    """Return why the verdict stops the release, a sentence's text each; empty where it does not."""
    return () if verdict is None else tuple(map(str, verdict.numbers.get("stops") or ()))


def why_stopped(step: StepLine) -> str | None:
    """Return why the step stops its release now; None where it does not, or where somebody decided."""
    if step.state not in {StepState.JUDGED, StepState.STOPPED}:
        return None
    return next(iter(stops_of(step.verdict)), None)


def still_stopped(step: StepLine, verdict: Verdict) -> Verdict:
    """Return the verdict of another run: what an earlier run found stands until a run passes."""
    earlier = stops_of(step.verdict)
    if not earlier or verdict.outcome is Outcome.PASS or stops_of(verdict):
        return verdict
    return replace(
        verdict,
        outcome=Outcome.FAIL,
        evidence=f"An earlier run stopped the release: {earlier[0]}. This one did not pass: {verdict.evidence}",
        numbers={**verdict.numbers, **standing(step)},
    )


def standing(step: StepLine) -> Json:
    """Return what of the step's verdict must outlive a run that broke off."""
    earlier = stops_of(step.verdict)
    return {"stops": list(earlier)} if earlier else {}


def require_may_skip(who: Person, app: App, step: StepLine, *, starter: str) -> None:
    """Refuse to skip a step that stops the release, unless an approver who did not start it decides so."""
    why = why_stopped(step)
    if why is None:
        return
    try:
        may_approve(who, app, starter=starter)
    except Refusal as refusal:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"Not skipped: step {step.number} stops the release, because of {why}. Nothing was changed.",
            expected=f"{refusal.expected.removesuffix('.')}; or run it again until it passes, or roll back.",
            retry_is_safe=True,
        ) from refusal
