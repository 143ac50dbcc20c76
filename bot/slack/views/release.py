"""The root card: where one release stands, what comes next, and the button that undoes it."""

from __future__ import annotations

from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.checklist import current_step, purge_snapshots, restorable_until, rollbacks
from bot.release.finding import patterns_of
from bot.release.generation import generation_keys, move_words, moves_of, undone_words
from bot.release.queueing import Wants
from bot.release.records import ActionState, Release, StepLine, Story
from bot.release.states import LIVE, ReleaseState, StepState
from bot.slack.views.blocks import Block, Card, card, context, header, headline, rich, section
from bot.slack.views.standing import (
    VERDICTS,
    failed,
    settled,
    sign_now,
    stands_now,
    where_it_stands,
)
from bot.slack.views.undo import lock_line, may_retry, roll_back_rows, what_failed
from bot.slack.views.wording import (
    Names,
    clamp,
    counted,
    escape,
    mention,
    moment,
    named,
    sentence,
    spelled,
    unstyled,
)


def root_card(story: Story, catalog: Catalog, names: Names) -> Card:
    """Return the card of a release."""
    release = story.release
    drawn = [
        header(f"{release.name} · {release.app} · {release.environment.upper()}"),
        rich(headline(clamp(release.title, 200))),
        section(_state(story, names)),
        section(f"*Owner*: {_owner(release, names)}\n*Scope*: {_scope(release, catalog)}"),
        section(lock_line(story.lock, catalog, names)) if story.lock is not None else None,
        _beside(story, names),
        *roll_back_rows(story, catalog, names),
        context(_updated(story, names)),
    ]
    what = escape(f"{release.app} {release.environment}, {release.title}")
    where = where_it_stands(story, names)
    return card(sentence(f"{release.name} {where}: {what}"), drawn)


def _state(story: Story, names: Names) -> str:
    """Return where it stands and the news, a line each."""
    step = current_step(story)
    if story.release.state is ReleaseState.OPEN and step is not None:
        return _step_now(story, step, names)
    total = f"{settled(story)} of {len(story.steps)}"
    return {
        ReleaseState.OPEN: f"✅ *{total}* · all settled",
        ReleaseState.WATCHING: f"👀 *{total}* · watched after the release\n{_kept(story)}",
        ReleaseState.DONE: f"✅ *Done* · {total}\n{_kept(story)}",
        ReleaseState.ABANDONED: f"⏹️ *Abandoned* · {total}, nothing was undone\n{_kept(story)}",
        ReleaseState.ROLLING_BACK: f"⏳ *Rolling back* · {_asked(story, names)}",
        ReleaseState.ROLLED_BACK: f"↩️ *Rolled back* · {_put_back(story)}",
        ReleaseState.ROLLBACK_FAILED: f"❌ *Rollback FAILED*\n{_why(story, names)}",
    }[story.release.state]


def _step_now(story: Story, step: StepLine, names: Names) -> str:
    total = f"{step.number} of {len(story.steps)}"
    title, verdict = escape(step.title), step.verdict
    line = f"{sign_now(story, step)} *{total}* · {title} · {stands_now(story, step, names)}"
    if verdict is None or step.state not in {StepState.JUDGED, StepState.STOPPED}:
        return line
    evidence = unstyled(spelled(clamp(verdict.evidence, 400), names))
    if failed(step):
        word = "STOPPED" if step.state is StepState.STOPPED else "FAILED"
        return f"❌ *{total} {word}* · {title} · {named(names, step.owner)} decides\n{evidence}"
    return f"{line}\n{VERDICTS[verdict.outcome]}: {evidence}"


def _kept(story: Story) -> str:
    """Return what was taken out, and until when it can be put back."""
    until = restorable_until(story)
    if until is None:
        moved = "; ".join(map(move_words, moves_of(story)))
        return f"Set: {escape(clamp(moved, 300))}" if moved else "No key was purged."
    keys = counted(sum(row.keys for row in purge_snapshots(story)), "key")
    return f"{keys} purged, can be put back until {moment(until)}"


def _beside(story: Story, names: Names) -> Block | None:
    """Return why it goes on through a freeze, and who waits for its end, in order."""
    hotfix, queue = story.release.hotfix, [row for row in story.queue if row.wants is Wants.QUEUE]
    said = [f"*Hotfix*: {unstyled(clamp(hotfix, 200))}"] if hotfix is not None else []
    if queue and story.release.state in LIVE:
        said.append(f"*Queue*: {', then '.join(named(names, row.who) for row in queue[:5])}")
    if len(queue) > 5 and said:
        said[-1] += f", and {len(queue) - 5} more"
    return section("\n".join(said)) if said else None


def _asked(story: Story, names: Names) -> str:
    asked = rollbacks(story)
    if not asked:
        return "nobody is named"
    return f"started by {named(names, asked[-1].asked_by)} {moment(asked[-1].asked_at)}"


def _put_back(story: Story) -> str:
    done = [row for row in rollbacks(story) if row.state is ActionState.DONE]
    result = done[-1].result if done else {}
    expected = int(result.get("expected") or 0)
    if not expected and result.get("generations"):
        return escape(clamp("; ".join(map(undone_words, result["generations"])), 300))
    if not expected:
        return "there was no key to put back"
    restored, seconds = int(result.get("restored") or 0), float(result.get("seconds") or 0)
    return f"{restored:,} of {expected:,} keys put back in {seconds:.1f} s"


def _why(story: Story, names: Names) -> str:
    asked = rollbacks(story)
    return f"{what_failed(asked[-1], names)}\n{may_retry(asked[-1])}" if asked else ""


def _owner(release: Release, names: Names) -> str:
    """Call the owner by a mention, but not where they started it themselves: they know."""
    started_it = release.owner == release.starter
    return named(names, release.owner) if started_it else mention(release.owner)


def _scope(release: Release, catalog: Catalog) -> str:
    routes = ", ".join(release.routes)
    app = catalog.apps.get(release.app)
    known = [] if app is None else [(n, app.routes[n]) for n in release.routes if n in app.routes]
    patterns = " ".join(
        f"`{pattern}`" for pattern in (*patterns_of(known), *generation_keys(known))
    )
    return clamp(escape(f"{routes} {patterns}".strip()), 600)


def _updated(story: Story, names: Names) -> str:
    """Say what a person did last, and when."""
    release = story.release
    done: list[tuple[datetime, str, str]] = [(release.started_at, "Started", release.starter)]
    done += [(row.at, f"Step {row.step} approved", row.by) for row in story.approvals]
    for row in story.actions:
        what = "Rollback asked" if row.step is None else f"Step {row.step} run"
        if row.step is None or not row.kind.startswith("purge"):
            done.append((row.asked_at, what, row.asked_by))
    at, what, who = max(done, key=lambda entry: entry[0])
    return f"{what} by {named(names, who)} {moment(at)}"
