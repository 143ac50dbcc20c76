"""Whether those who approved a purge still may, asked again just before it."""

from __future__ import annotations

from bot.release.catalog import App
from bot.release.opening import approvals_needed
from bot.release.people import Person, may_approve
from bot.release.quorum import called, counts_for
from bot.release.records import StepLine, Story
from bot.release.refusal import Code, Refusal
from bot.work.parts import Parts


def require_authority(parts: Parts, story: Story, line: StepLine, plan_hash: str) -> None:
    """Refuse unless enough people approved exactly this plan who are approvers at this moment too.

    One of them must be, at this moment, of the group or the person that the catalog requires.
    """
    app = parts.catalog.apps[story.release.app]
    needed = approvals_needed(app, story.release, line.plan)
    given = [row for row in story.approvals if row.step == line.number]
    yes = sorted({row.by for row in given if row.plan_hash == plan_hash})
    if any(by.startswith("terminal:") for by in yes):
        return
    found = {by: _still(parts, app, story, by) for by in yes}
    people = [who for who in found.values() if isinstance(who, Person)]
    required = app.approvers_required
    missing = required is not None and all(counts_for(who, app) is None for who in people)
    if len(people) >= needed and not missing:
        return
    lacking = [f"<@{by}>: {why}" for by, why in found.items() if isinstance(why, str)]
    if required is not None and missing:
        lacking.append(f"No approval is one by {called(required)} at this moment")
    who = "; ".join(lacking) or "too few approved"
    raise Refusal(
        code=Code.NOT_ALLOWED,
        failed=f"Not purged, no key was touched: an approval does not count any more. {who}",
        expected=f"{needed} approvals by people who may approve at the moment of the purge"
        f"{f', one of them by {called(required)}' if required else ''}; "
        "run the step again for a new plan.",
        retry_is_safe=True,
    )


def _still(parts: Parts, app: App, story: Story, by: str) -> Person | str:
    """Return the person as they are now, or why their approval does not count any more."""
    try:
        who = parts.who(by)
        may_approve(who, app, starter=story.release.starter)
    except Refusal as refusal:
        return refusal.failed
    return who
