"""The root card: where one release stands, what comes next, and the button that undoes it."""

from __future__ import annotations

from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.checklist import current_step, purge_snapshots, restorable_until, rollbacks
from bot.release.generation import move_words, moves_of, undone_words
from bot.release.records import ActionState, Release, StepLine, Story
from bot.release.states import ReleaseState, StepState
from bot.slack.views.about import about_lines, beside, noted_line
from bot.slack.views.blocks import Card, card, context, header, headline, rich, section
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
        header(_title(release)),
        rich(headline(clamp(release.title, 200))),
        section(state_lines(story, catalog, names)),
        section("\n".join(about_lines(story, catalog, names))),
        section(lock_line(story.lock, catalog, names)) if story.lock is not None else None,
        beside(story, names),
        *roll_back_rows(story, catalog, names),
        context("\n".join(filter(None, (noted_line(story, names), _updated(story, names))))),
    ]
    what = escape(f"{release.app} {release.environment}, {release.title}")
    where = where_it_stands(story, names, catalog)
    return card(sentence(f"{release.name} {where}: {what}"), drawn)


def title_line(release: Release) -> str:
    """Return `R-42 · shop · PRODUCTION` in bold mrkdwn."""
    return f"*{escape(_title(release))}*"


def _title(release: Release) -> str:
    return f"{release.name} · {release.app} · {release.environment.upper()}"


def state_lines(story: Story, catalog: Catalog, names: Names) -> str:
    """Return where it stands and the news, a line each, in mrkdwn."""
    step = current_step(story)
    if story.release.state is ReleaseState.OPEN and step is not None:
        return _step_now(story, step, catalog, names)
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


def _step_now(story: Story, step: StepLine, catalog: Catalog, names: Names) -> str:
    total = f"{step.number} of {len(story.steps)}"
    title, verdict = escape(step.title), step.verdict
    line = (
        f"{sign_now(story, step)} *{total}* · {title} · {stands_now(story, step, names, catalog)}"
    )
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
