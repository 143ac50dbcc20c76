"""Whether enough people said yes, and one of those whom the catalog requires."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.release.catalog import App, Catalog
from bot.release.checklist import approvals_of, bound_hash, planned_by
from bot.release.opening import approvals_needed
from bot.release.people import Person
from bot.release.records import Approval, Json, Release, StepLine, Story


@dataclass(frozen=True, kw_only=True)
class Quorum:
    """How many different people said yes, of how many; `missing` is the required group or person that did not."""

    given: int
    needed: int
    missing: str | None = None

    @property
    def enough(self) -> bool:
        """Return whether nobody else must say yes."""
        return self.given >= self.needed and self.missing is None

    @property
    def last(self) -> str | None:
        """Return whose yes alone is missing; None where anybody's counts still."""
        return self.missing if self.given >= self.needed - 1 else None


def quorum_of(
    app: App, release: Release, rows: Iterable[Approval], plan: Json | None = None
) -> Quorum:
    """Return how far the approvals of one step are; they must bind to what it shows, its plan if it has one."""
    rows = tuple(rows)
    required = app.approvers_required
    from_it = any(required in {row.by, row.required_from} for row in rows)
    return Quorum(
        given=len({row.by for row in rows}),
        needed=approvals_needed(app, release, plan),
        missing=None if from_it else required,
    )


def approval_of(who: Person, app: App, step: StepLine, at: datetime) -> Approval:
    """Return the person's yes to what the step shows now."""
    return Approval(
        release_id=step.release_id,
        step=step.number,
        plan_hash=bound_hash(step),
        by=who.id,
        at=at,
        required_from=counts_for(who, app),
    )


def counts_for(who: Person, app: App) -> str | None:
    """Return the required group or person of the app for whom this person's yes counts; None where for none."""
    required = app.approvers_required
    return required if required is not None and required in {who.id, *who.groups} else None


def approvers_left(story: Story, step: StepLine, catalog: Catalog) -> tuple[str, ...]:
    """Return the people and groups of the catalog who may still approve the step; at the end the required one alone."""
    app = catalog.apps.get(story.release.app)
    if app is None:
        return ()
    last = quorum_of(app, story.release, approvals_of(story, step), step.plan).last
    said = barred_from(story, step)
    return tuple(name for name in app.approvers if name not in said and last in {None, name})


def barred_from(story: Story, step: StepLine) -> frozenset[str]:
    """Return who approved the step, who started the release, and for a plan who made it."""
    said = {row.by for row in approvals_of(story, step)} | {story.release.starter}
    editor = None if step.plan is None else planned_by(story, step)
    return frozenset(said | ({editor} if editor else set()))


def called(name: str) -> str:
    """Return a person or a user group as Slack writes them: `<@U1>`, `<!subteam^S1>`."""
    return f"<!subteam^{name}>" if name.startswith("S") else f"<@{name}>"
