"""The signs and words for where a step and a release stand, the same on every card."""

from __future__ import annotations

from bot.release.calling import to_be_decided
from bot.release.catalog import Catalog
from bot.release.checklist import current_step
from bot.release.quorum import approvers_left
from bot.release.records import ActionState, Outcome, StepLine, Story
from bot.release.states import ReleaseState, StepState
from bot.release.steering import newest_purge
from bot.slack.views.wording import Names, mention, named, phrase

VERDICTS = {Outcome.PASS: "✅ Pass", Outcome.FAIL: "❌ FAIL", Outcome.UNSURE: "⚠️ Unsure"}
MOST_NAMED = 3
BUSY = frozenset({StepState.RUNNING, StepState.ACTING})
_SIGNS = {
    StepState.WAITING: "⚪",
    StepState.READY: "▶️",
    StepState.RUNNING: "⏳",
    StepState.JUDGED: "✋",
    StepState.ACTING: "⏳",
    StepState.STOPPED: "❌",
    StepState.DONE: "✅",
    StepState.SKIPPED: "⏩",
}
_WORDS = {
    StepState.WAITING: "waiting",
    StepState.READY: "ready to run",
    StepState.JUDGED: "waiting for approval",
    StepState.ACTING: "purging",
}
_ENDED_WORDS = {
    StepState.WAITING: "not run",
    StepState.READY: "not run",
    StepState.JUDGED: "not approved",
}


def failed(step: StepLine) -> bool:
    """Return whether the step was judged a failure, or its work broke."""
    return to_be_decided(step)


def sign(step: StepLine) -> str:
    """Return the sign of a step; words always stand beside it."""
    if failed(step):
        return "❌"
    unsure = step.verdict is not None and step.verdict.outcome is Outcome.UNSURE
    return "⚠️" if step.state is StepState.JUDGED and unsure else _SIGNS[step.state]


def waits_paused(story: Story) -> bool:
    """Return whether its purge is paused and waits for a person."""
    action = newest_purge(story)
    return action is not None and action.state is ActionState.PAUSED


def sign_now(story: Story, step: StepLine) -> str:
    """Return the sign of a step; a paused purge has its own."""
    return "⏸️" if step.state is StepState.ACTING and waits_paused(story) else sign(step)


def step_words(story: Story, step: StepLine) -> str:
    """Return where a step stands in a word or two; after the release's end what became of it."""
    if step.state is StepState.ACTING and waits_paused(story):
        return "*PAUSED*"
    if failed(step):
        return "*STOPPED*" if step.state is StepState.STOPPED else "*FAILED*"
    goes_on = story.release.state is ReleaseState.OPEN or step.state in BUSY
    return (_WORDS if goes_on else _ENDED_WORDS).get(step.state, step.state.value)


def waits_for(step: StepLine, names: Names) -> str:
    """Return what a step waits for, safe in mrkdwn."""
    owner = named(names, step.owner)
    if step.state is StepState.JUDGED:
        return f"FAILED, {owner} decides" if failed(step) else "waiting for approval"
    return {
        StepState.WAITING: "waiting for the steps before",
        StepState.READY: f"waiting for {owner} to run it",
        StepState.RUNNING: "running",
        StepState.ACTING: "purging",
        StepState.STOPPED: f"STOPPED, {owner} decides",
        StepState.DONE: "done",
        StepState.SKIPPED: "skipped",
    }[step.state]


def where_it_stands(story: Story, names: Names, catalog: Catalog) -> str:
    """Return `3 of 5 · waiting for approval by @nico`, safe in mrkdwn."""
    total = len(story.steps)
    step = current_step(story)
    if story.release.state is not ReleaseState.OPEN:
        return f"{settled(story)} of {total} · {phrase(story.release.state)}"
    if step is None:
        return f"{total} of {total} · all settled"
    return f"{step.number} of {total} · {stands_now(story, step, names, catalog)}"


def stands_now(story: Story, step: StepLine, names: Names, catalog: Catalog) -> str:
    """Return what the current step waits for and whom, a paused purge for a person; safe in mrkdwn."""
    if step.state is StepState.ACTING and waits_paused(story):
        return "purge PAUSED, resume or stop it"
    if step.state is StepState.JUDGED and not failed(step):
        return f"waiting for approval{_by(story, step, names, catalog)}"
    return waits_for(step, names)


def _by(story: Story, step: StepLine, names: Names, catalog: Catalog) -> str:
    """Return ` by @nico or @ari`; nothing where nobody may approve any more."""
    left = [
        mention(who) if who.startswith("S") else named(names, who)
        for who in approvers_left(story, step, catalog)
    ]
    more = f" or {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    return f" by {' or '.join(left[:MOST_NAMED])}{more}" if left else ""


def settled(story: Story) -> int:
    """Return how many steps are done or skipped before the first that is not."""
    step = current_step(story)
    return len(story.steps) if step is None else step.number - 1
