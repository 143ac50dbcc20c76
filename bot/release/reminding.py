"""What a release waits for, with the moments at which people are reminded of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.release.approval_life import closes_at, waits_since
from bot.release.calling import Wanted, What, wanted
from bot.release.catalog import Catalog
from bot.release.checklist import purge_snapshots, rollbacks
from bot.release.finding import default_environment
from bot.release.notices import can_be_told
from bot.release.quorum import approvers_left
from bot.release.records import ActionState, StepLine, Story
from bot.release.reminder_times import APPROVAL_H, CALM, URGENT, Awaited, Moment, ReminderPlan
from bot.release.reminders import STANDS, Answer, Kind
from bot.release.states import LIVE, SETTLED_STEP, ReleaseState
from bot.release.steering import newest_purge
from bot.release.stopping import why_stopped

EXPIRING = (timedelta(hours=24), timedelta(hours=1))
REVIEW_AFTER = timedelta(hours=24)
STALE = timedelta(days=5)
# One that was held back until the morning stands for the one that would follow before noon.
COVERS = timedelta(hours=3)
KINDS = {
    What.RUN: Kind.RUN,
    What.APPROVE: Kind.APPROVE,
    What.DECIDE: Kind.DECIDE,
    What.RESUME: Kind.RESUME,
    What.ROLL_BACK: Kind.ROLL_BACK,
}


def awaited_of(
    story: Story, catalog: Catalog, plan: ReminderPlan, at: datetime
) -> tuple[Awaited, ...]:
    """Return everything of a release that people are, or will be, reminded of."""
    found = (*_wished(story, catalog, plan), *_ended(story, at), *_expiring(story, catalog))
    return tuple(row for row in found if story.release.state in STANDS[row.kind])


def _wished(story: Story, catalog: Catalog, plan: ReminderPlan) -> Iterator[Awaited]:
    wish = wanted(story, catalog)
    kind = None if wish is None else KINDS.get(wish.what)
    since = None if wish is None else _since(story, wish)
    if wish is None or kind is None or since is None:
        return
    urgent = _cannot_wait(story, wish, catalog)
    moments = _moments(since, URGENT if urgent else CALM, wish.people)
    deadline = None
    if kind is Kind.APPROVE and wish.step is not None:
        moments = _approval(story, wish.step, since, catalog, plan, wish.barred)
        deadline = closes_at(story, wish.step, plan.life)
    yield Awaited(
        kind=kind,
        release_id=story.release.id,
        mark=wish.key.rpartition(":")[2] if kind is not Kind.DECIDE else _decided_mark(wish),
        since=since,
        moments=moments,
        step=None if wish.step is None else wish.step.number,
        can_wait=not urgent,
        # An approval that can wait for the morning may as well be closed: nothing was changed yet.
        deadline=deadline if urgent else None,
        covers=timedelta(0) if urgent or kind is Kind.APPROVE else COVERS,
    )


def _decided_mark(wish: Wanted) -> str:
    return "" if wish.step is None else f"{wish.step.owner}-{wish.step.version}"


def _since(story: Story, wish: Wanted) -> datetime | None:
    if wish.what is What.ROLL_BACK:
        asked = rollbacks(story)
        return asked[-1].ended_at if asked else None
    if wish.what is What.RESUME:
        action = newest_purge(story)
        return None if action is None else action.control_at
    if wish.step is None:
        return None
    return waits_since(story, wish.step) if wish.what is What.APPROVE else wish.step.moved_at


def _cannot_wait(story: Story, wish: Wanted, catalog: Catalog) -> bool:
    """Return whether users of the production app may suffer while everybody sleeps."""
    app = catalog.apps.get(story.release.app)
    if app is None or story.release.environment != default_environment(app):
        return False
    match wish.what:
        case What.ROLL_BACK | What.RESUME:
            return True
        case What.DECIDE:
            return wish.step is not None and why_stopped(wish.step) is not None
        case What.APPROVE:
            return any(row.state in SETTLED_STEP for row in story.steps)
        case _:
            return False


def _moments(
    since: datetime, after: tuple[timedelta, ...], people: tuple[str, ...]
) -> tuple[Moment, ...]:
    return tuple(
        Moment(stage=stage, due_at=since + span, people=people)
        for stage, span in enumerate(after, start=1)
    )


def _approval(
    story: Story,
    step: StepLine,
    since: datetime,
    catalog: Catalog,
    plan: ReminderPlan,
    barred: frozenset[str],
) -> tuple[Moment, ...]:
    """Return the escalation of an approval: approvers, then the owner, the approvers again, those on call."""
    app = catalog.apps.get(story.release.app)
    left = approvers_left(story, step, catalog)
    owners = tuple(dict.fromkeys((step.owner, story.release.owner)))
    life = plan.life or timedelta(hours=APPROVAL_H)
    nobody = frozenset[str]()
    stages = (
        (1 / 3, left, barred),
        (1 / 2, owners, nobody),
        (2 / 3, left, barred),
        (5 / 6, () if app is None else app.oncall, nobody),
    )
    return tuple(
        Moment(stage=stage, due_at=since + share * life, people=people, barred=never)
        for stage, (share, people, never) in enumerate(stages, start=1)
    )


def _ended(story: Story, at: datetime) -> Iterator[Awaited]:
    """Yield what the owner is told once when the watch is over, and a day after a rollback."""
    release = story.release
    snoozed = any(row.answer is Answer.SNOOZED for row in story.reminders)
    if release.ended_at is None or (at - release.ended_at > STALE and not snoozed):
        return
    mark = f"{release.ended_at:%Y%m%dT%H%M%S}"
    if release.state is ReleaseState.DONE and story.timers:
        told = Moment(stage=1, due_at=release.ended_at, people=(release.owner,))
        yield Awaited(
            kind=Kind.WATCHED,
            release_id=release.id,
            mark=mark,
            since=release.ended_at,
            moments=(told,),
        )
    if release.state is ReleaseState.ROLLED_BACK and not _reviewed(story):
        done = [row.asked_by for row in rollbacks(story) if row.state is ActionState.DONE]
        people = tuple(who for who in dict.fromkeys((release.owner, *done)) if can_be_told(who))
        due = Moment(stage=1, due_at=release.ended_at + REVIEW_AFTER, people=people)
        yield Awaited(
            kind=Kind.REVIEW,
            release_id=release.id,
            mark=mark,
            since=release.ended_at,
            moments=(due,),
        )


def _reviewed(story: Story) -> bool:
    """Return whether somebody said that the review is done: it is one review, whoever holds it."""
    return any(row.kind is Kind.REVIEW and row.answer is Answer.DONE for row in story.reminders)


def _expiring(story: Story, catalog: Catalog) -> Iterator[Awaited]:
    """Yield the end of the last way back; the snapshot of a live release is kept, and needs no reminder."""
    release, kept = story.release, [row for row in purge_snapshots(story) if row.keys]
    if release.state in LIVE or not kept or any(row.state == "expired" for row in kept):
        return
    first = min(kept, key=lambda row: row.expires_at)
    app = catalog.apps.get(release.app)
    people = tuple(dict.fromkeys((release.owner, *(() if app is None else app.oncall))))
    moments = _moments(first.expires_at, tuple(-span for span in EXPIRING), people)
    yield Awaited(
        kind=Kind.EXPIRING,
        release_id=release.id,
        mark=first.id,
        since=first.created_at,
        # Of a snapshot that lives for a day nobody need be told at once that a day is left.
        moments=tuple(row for row in moments if row.due_at > first.created_at),
        deadline=first.expires_at,
    )
