"""Whether those who approved a purge still may, asked again just before it."""

from __future__ import annotations

from bot.release.opening import approvals_needed
from bot.release.people import may_approve
from bot.release.records import StepLine, Story
from bot.release.refusal import Code, Refusal
from bot.work.parts import Parts


def require_authority(parts: Parts, story: Story, line: StepLine, plan_hash: str) -> None:
    """Refuse unless enough people approved exactly this plan who are approvers at this moment too."""
    needed = approvals_needed(parts.catalog.apps[story.release.app], story.release, line.plan)
    given = [row for row in story.approvals if row.step == line.number]
    yes = sorted({row.by for row in given if row.plan_hash == plan_hash})
    if any(by.startswith("terminal:") for by in yes):
        return
    lacking = {by: why for by in yes if (why := _lacks(parts, story, by)) is not None}
    if len(yes) - len(lacking) >= needed:
        return
    who = "; ".join(f"<@{by}>: {why}" for by, why in lacking.items()) or "too few approved"
    raise Refusal(
        code=Code.NOT_ALLOWED,
        failed=f"Not purged, no key was touched: an approval does not count any more. {who}",
        expected=f"{needed} approvals by people who may approve at the moment of the purge; "
        "run the step again for a new plan.",
        retry_is_safe=True,
    )


def _lacks(parts: Parts, story: Story, by: str) -> str | None:
    app = parts.catalog.apps[story.release.app]
    try:
        may_approve(parts.who(by), app, starter=story.release.starter)
    except Refusal as refusal:
        return refusal.failed
    return None
