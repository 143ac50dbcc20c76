"""What a reminder says: what waits, since when, what happens by itself, and what to do next."""

from __future__ import annotations

from bot.release.approval_life import closes_at
from bot.release.catalog import Catalog
from bot.release.checklist import approvals_of, purge_snapshots, restorable_until, rollbacks
from bot.release.locking import holds
from bot.release.offers import Offer
from bot.release.quorum import Quorum, approvers_left, called, quorum_of
from bot.release.records import ActionState, StepLine, Story
from bot.release.reminder_times import Awaited, ReminderPlan
from bot.release.reminders import Kind
from bot.release.timers import TimerState
from bot.release.watch_calls import looks_of, watched_words
from bot.release.watching import Word

Said = tuple[str, tuple[str, ...]]


def words_of(
    awaited: Awaited,
    stage: int,
    story: Story,
    catalog: Catalog,
    plan: ReminderPlan,
    why: str | None,
) -> Said:
    """Return the sentence that the reader sees first, and the lines below it; what is released is shown beside them.

    `why` is the reason of the rollback where somebody said it.
    """
    step = next((row for row in story.steps if row.number == awaited.step), None)
    match awaited.kind:
        case Kind.APPROVE if step is not None:
            return _approve(awaited, stage, story, step, catalog, plan)
        case Kind.RUN | Kind.DECIDE | Kind.RESUME if step is not None:
            return _step(awaited, story, step)
        case Kind.EXPIRING:
            return _expiring(story)
        case Kind.WATCHED:
            return _watched(story)
        case Kind.REVIEW:
            return _review(awaited, story, why)
        case _:
            return _rollback_failed(awaited, story)


def _since(awaited: Awaited) -> str:
    return f"{awaited.since:%Y-%m-%d %H:%M} UTC"


def _step(awaited: Awaited, story: Story, step: StepLine) -> Said:
    name = story.release.name
    what, next_one = {
        Kind.RUN: (f"run step {step.number}", "Run it, hand it over, or skip it with a reason."),
        Kind.DECIDE: (
            f"decide on step {step.number}",
            "Run it again, skip it with a reason, or roll back.",
        ),
        Kind.RESUME: (
            f"resume or stop the purge of step {step.number}",
            "It is paused: some keys are gone and some are not. Resume it, stop it, or roll back.",
        ),
    }[awaited.kind]
    text = f"{name} still waits for you to {what}."
    return text, (f"Step {step.number}, {step.title}, waits since {_since(awaited)}.", next_one)


def _approve(
    awaited: Awaited,
    stage: int,
    story: Story,
    step: StepLine,
    catalog: Catalog,
    plan: ReminderPlan,
) -> Said:
    release, app = story.release, catalog.apps.get(story.release.app)
    left = approvers_left(story, step, catalog)
    rows = approvals_of(story, step)
    quorum = (
        Quorum(given=len(rows), needed=1)
        if app is None
        else quorum_of(app, release, rows, step.plan)
    )
    missing = (
        "" if quorum.missing is None else f" One by {called(quorum.missing)} is still missing."
    )
    given = f"{quorum.given} of {quorum.needed} given.{missing}"
    closed = closes_at(story, step, plan.life)
    ends = "" if closed is None else f" At {closed:%Y-%m-%d %H:%M} UTC the request is closed."
    waits = f"Step {step.number}, {step.title}, waits since {_since(awaited)}, {given}{ends}"
    people = ", ".join(f"<!subteam^{who}>" if who[:1] == "S" else f"<@{who}>" for who in left)
    if stage in {1, 3}:
        text = f"{release.name} still waits for your approval of step {step.number}."
        return text, (waits, "Approve or reject it in the thread.")
    text = f"Nobody has decided on step {step.number} of {release.name} yet."
    after = "Then approvals are void, and the step must be run again." if closed else ""
    ask = f"May approve: {people or 'nobody who has not'}. Ask one of them."
    return text, tuple(filter(None, (waits, ask, after)))


def _rollback_failed(awaited: Awaited, story: Story) -> Said:
    release = story.release
    return (
        f"The rollback of {release.name} failed and nobody has repeated it.",
        (f"It failed at {_since(awaited)}. Look at the thread, then roll back again.",),
    )


def _expiring(story: Story) -> Said:
    release, until = story.release, restorable_until(story)
    keys = sum(row.keys for row in purge_snapshots(story))
    ends = "soon" if until is None else f"at {until:%Y-%m-%d %H:%M} UTC"
    return (
        f"{release.name} cannot be rolled back any more {ends}.",
        (
            f"Then the snapshot of {keys:,} {'key' if keys == 1 else 'keys'} is deleted.",
            "If you doubt the release, roll it back before. If it is well, nothing is left to do.",
        ),
    )


def _watched(story: Story) -> Said:
    release = story.release
    bad = any(look.word not in {Word.OK, Word.COLD} for look in looks_of(story))
    missed = any(row.state is TimerState.MISSED for row in story.timers)
    until = restorable_until(story)
    back = "" if until is None else f" It can be rolled back until {until:%Y-%m-%d %H:%M} UTC."
    doubt = bad or missed or not story.looks
    next_one = "Next: look at the watch in the thread." if doubt else "Nothing is left to do."
    found = watched_words(story) or "nothing was looked at"
    return (
        f"The watch of {release.name} is over, {found}.",
        (f"{next_one}{back}",),
    )


def _review(awaited: Awaited, story: Story, why: str | None) -> Said:
    release = story.release
    missing = []
    if why is None:
        missing.append("the reason: say it in the thread with one tap, or with `why`")
    if holds(story.lock, awaited.since):
        missing.append(f"{release.app} {release.environment} is still locked: unlock it, or fix it")
    done = [row for row in rollbacks(story) if row.state is ActionState.DONE]
    result = done[-1].result if done else {}
    if int(result.get("failed") or 0):
        missing.append(f"{int(result['failed']):,} keys could not be put back")
    lines = [f"Why: {why}" if why else "Nobody has said why yet."]
    lines.append(f"Missing: {'; '.join(missing)}." if missing else "Nothing is missing.")
    return (
        f"{release.name} was rolled back a day ago, please review it.",
        (*lines, f"It was rolled back at {_since(awaited)}. Done ends the review for everybody."),
    )


def offers_of(awaited: Awaited, story: Story, why: str | None) -> tuple[Offer, ...]:
    """Return what the reader can do at once, beside putting the reminder off."""
    if awaited.kind is Kind.REVIEW and why is None:
        return (Offer(label="Say why", verb="why", release=story.release.id),)
    return ()
