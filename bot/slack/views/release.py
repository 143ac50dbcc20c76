"""The root card: where one release stands, what comes next, and the button that undoes it."""

from __future__ import annotations

from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.checklist import current_step, purge_snapshots, rollbacks
from bot.release.finding import patterns_of
from bot.release.records import Outcome, Release, StepLine, Story
from bot.release.states import RELEASE, Move, ReleaseState, StepState
from bot.slack.views.blocks import (
    Block,
    Card,
    Press,
    actions,
    button,
    card,
    confirm,
    context,
    fields,
    header,
    section,
)
from bot.slack.views.wording import (
    Names,
    clamp,
    counted,
    escape,
    mention,
    moment,
    named,
    phrase,
    sentence,
)

ENDED = {
    ReleaseState.DONE: "✅ Done",
    ReleaseState.ABANDONED: "Abandoned, nothing was undone",
    ReleaseState.ROLLED_BACK: "↩ Rolled back",
    ReleaseState.ROLLBACK_FAILED: "❌ The rollback failed",
    ReleaseState.ROLLING_BACK: "⏳ Rolling back",
}


def root_card(story: Story, catalog: Catalog, names: Names) -> Card:
    """Return the card of a release."""
    release = story.release
    where = where_it_stands(story, names)
    drawn = [
        header(f"{release.name} · {release.app} · {release.environment.upper()}"),
        section(f"*{escape(release.title)}*"),
        fields(
            [
                f"*Owner*\n{_owner(release, names)}",
                f"*Scope*\n{_scope(release, catalog)}",
                f"*State*\n{_state(release)}",
                f"*Steps*\n{where}",
            ]
        ),
        _next(story, names),
        _rolling_back(story, names),
        _locked(story, names),
        actions("rollback", roll_back_button(story, catalog)),
        context(_updated(story, names)),
    ]
    what = escape(f"{release.app} {release.environment}, {release.title}")
    return card(sentence(f"{release.name} {where}: {what}"), drawn)


def where_it_stands(story: Story, names: Names) -> str:
    """Return `3 of 5 · waiting for approval`, safe in mrkdwn."""
    total = len(story.steps)
    step = current_step(story)
    if story.release.state is not ReleaseState.OPEN:
        settled = total if step is None else step.number - 1
        return f"{settled} of {total} · {phrase(story.release.state)}"
    if step is None:
        return f"{total} of {total} · all settled"
    return f"{step.number} of {total} · {waits_for(step, names)}"


def waits_for(step: StepLine, names: Names) -> str:
    """Return what a step waits for, safe in mrkdwn."""
    owner = named(names, step.owner)
    if step.state is StepState.JUDGED:
        failed = step.verdict is not None and step.verdict.outcome is Outcome.FAIL
        return f"failed, {owner} decides" if failed else "waiting for approval"
    return {
        StepState.WAITING: "waiting for the steps before",
        StepState.READY: f"waiting for {owner} to run it",
        StepState.RUNNING: "being looked at",
        StepState.ACTING: "purging",
        StepState.STOPPED: f"stopped, {owner} decides",
        StepState.DONE: "done",
        StepState.SKIPPED: "skipped",
    }[step.state]


def roll_back_button(story: Story, catalog: Catalog) -> list[Block]:
    """Return the danger button where a rollback is possible and would undo something, else nothing."""
    release = story.release
    app = catalog.apps.get(release.app)
    undoes = purge_snapshots(story) or (app is not None and app.rollback is not None)
    if Move.ROLL_BACK not in RELEASE[release.state] or not undoes:
        return []
    press = Press(verb="rollback", release=release.id, seen=release.version)
    drawn = button("Roll back", press, style="danger", hint=f"Roll back {release.name}")
    drawn["confirm"] = confirm(
        f"Roll back {release.name}?",
        _what_a_rollback_does(story, deploys=app is not None and app.rollback is not None),
        yes="Roll back",
        no="Keep release",
    )
    return [drawn]


def _what_a_rollback_does(story: Story, *, deploys: bool) -> str:
    release = story.release
    place = f"{release.app} {release.environment.upper()}"
    taken = purge_snapshots(story)
    number = sum(row.keys for row in taken)
    keys = counted(number, "key") if number else "every key taken out so far"
    parts = ["Runs the app's rollback command."] if deploys else []
    if taken:
        until = min(row.expires_at for row in taken)
        parts.append(f"Puts back {keys}, possible until {until:%Y-%m-%d %H:%M} UTC.")
    else:
        parts.append("No key was purged yet.")
    parts.append("A running purge stops. Then the app is locked.")
    return f"{place}, {', '.join(release.routes)}: {' '.join(parts)}"


def _owner(release: Release, names: Names) -> str:
    """Call the owner by a mention, but not where they started it themselves: they know."""
    started_it = release.owner == release.starter
    return named(names, release.owner) if started_it else mention(release.owner)


def _scope(release: Release, catalog: Catalog) -> str:
    routes = ", ".join(release.routes)
    app = catalog.apps.get(release.app)
    known = [] if app is None else [(n, app.routes[n]) for n in release.routes if n in app.routes]
    patterns = "  ".join(f"`{pattern}`" for pattern in patterns_of(known))
    return clamp(escape(f"{routes}\n{patterns}" if patterns else routes), 600)


def _state(release: Release) -> str:
    return ENDED.get(release.state, "Open")


def _next(story: Story, names: Names) -> Block | None:
    step = current_step(story)
    if step is None or story.release.state is not ReleaseState.OPEN:
        return None
    line = f"*Next*: step {step.number}, {escape(step.title)}: {waits_for(step, names)}"
    return section(f"{line}\n*Expected*: {escape(clamp(step.expected, 400))}")


def _rolling_back(story: Story, names: Names) -> Block | None:
    asked = rollbacks(story)
    if story.release.state is not ReleaseState.ROLLING_BACK or not asked:
        return None
    last = asked[-1]
    doer = named(names, last.asked_by)
    return section(f"⏳ *Rolling back*, started by {doer} {moment(last.asked_at)}")


def _locked(story: Story, names: Names) -> Block | None:
    lock = story.lock
    if lock is None:
        return None
    who = named(names, lock.by)
    place = escape(f"{lock.app} {lock.environment}")
    return section(
        f"🔒 *{place} is locked* by {who} {moment(lock.at)}: {escape(clamp(lock.reason, 300))}"
    )


def _updated(story: Story, names: Names) -> str:
    """Say what a person did last, and when."""
    release = story.release
    done: list[tuple[datetime, str, str]] = [(release.started_at, "Started", release.starter)]
    done += [(row.at, f"Step {row.step} approved", row.by) for row in story.approvals]
    for row in story.actions:
        what = "Rollback asked" if row.step is None else f"Step {row.step} asked"
        if row.step is None or not row.kind.startswith("purge"):
            done.append((row.asked_at, what, row.asked_by))
    at, what, who = max(done, key=lambda entry: entry[0])
    return f"{what} by {named(names, who)} {moment(at)} · {release.name}"
