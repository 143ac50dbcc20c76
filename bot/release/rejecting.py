"""What a step shows after an approver said no."""

from __future__ import annotations

from bot.release.records import Outcome, StepLine, Verdict
from bot.release.stopping import standing


def rejected(step: StepLine, *, by: str, reason: str, void: int) -> Verdict:
    """Return the verdict of a rejected step; `void` approvals were given before, and count no more.

    What stopped the release before stands on, as after a run that broke off.
    """
    voided = f" Approvals that are void: {void}." if void else ""
    return Verdict(
        outcome=Outcome.FAIL,
        evidence=f"Rejected by <@{by}>: {reason.rstrip('.')}.{voided}",
        actual="Expected: another run of the step, and approvals of what that one shows.",
        numbers=standing(step),
    )
