"""Say where a release stands, or what is live and locked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import current_step, restorable_until, rollbacks
from bot.release.drilling import timed_keys
from bot.release.locking import until_words
from bot.release.offers import Offer
from bot.release.people import Person
from bot.release.records import Action, ActionState, Measurement, StepLine, Story
from bot.release.rehearsing import last_ended, well
from bot.release.rollback_plan import told
from bot.release.states import ReleaseState, StepState
from bot.release.steering import held_by_look, newest_purge, told_by
from bot.release.undelivered import DeadCard, undelivered_lines
from bot.release.waiting_words import queue_lines
from bot.release.watch_calls import watched_words

_STATES = {ReleaseState.ROLLBACK_FAILED: "not rolled back, the last try failed"}
_WORDS = {StepState.JUDGED: "to be decided", StepState.ACTING: "purging"}


class Status:
    """`status` lists what is live; `status R-42`, or `status` in its thread, says where one stands."""

    verb = "status"
    usage = "status [R-42]"
    summary = "Say where a release stands, or what is live and locked."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read the ledger and say it in lines."""
        if ask.release is not None:
            return _one(tools.find_story(ask), tools.ledger.dead_cards())
        live = tools.ledger.releases(live=True, limit=20)
        lines = tuple(
            f"{row.name} · {row.app} {row.environment} · {', '.join(row.routes)} · "
            f"{row.title} · {row.state.replace('_', ' ')} · <@{row.owner}>"
            for row in live
        )
        locks = tuple(
            f"Locked: {lock.app} {lock.environment} by {told(lock.by)}{until_words(lock)}: {lock.reason}"
            for lock in tools.ledger.locks()
        )
        text = f"{len(live)} live {'release' if len(live) == 1 else 'releases'}."
        queue = queue_lines(tools.ledger.waits())
        unseen = undelivered_lines(tools.ledger.dead_cards())
        return Said(text=text, lines=lines + locks + queue + unseen)


def _one(story: Story, dead: Sequence[DeadCard]) -> Said:
    release = story.release
    lines = [f"{step.number}. {step.title}: {_stands(step)}" for step in story.steps]
    lines += _told(story)
    lines += [_rollback(row) for row in rollbacks(story)]
    if story.looks:
        lines.append(f"Watched: {watched_words(story)}.")
    lines += _rehearsed(story)
    lines += queue_lines(story.queue)
    lines += undelivered_lines(dead, release.id)
    until = restorable_until(story)
    if until is not None:
        lines.append(f"The purged keys can be put back until {until:%Y-%m-%d %H:%M} UTC.")
    step = current_step(story) if release.state is ReleaseState.OPEN else None
    waits = "" if step is None else f", step {step.number} of {len(story.steps)} is next"
    state = _STATES.get(release.state, release.state.replace("_", " "))
    return Said(
        text=f"{release.name} is {state}{waits}: {release.title}.",
        lines=tuple(lines),
        release=release.id,
        offers=(Offer(label="Timeline", verb="timeline", release=release.id),),
    )


def _stands(step: StepLine) -> str:
    if step.state is StepState.SKIPPED:
        return f"skipped: {step.reason}"
    word = _WORDS.get(step.state, str(step.state))
    return (
        word if step.verdict is None else f"{word}, {step.verdict.outcome}: {step.verdict.evidence}"
    )


def _rehearsed(story: Story) -> list[str]:
    newest = last_ended(story.rehearsals)
    if newest is not None and newest.ended_at is not None:
        at, on = f"{newest.ended_at:%Y-%m-%d %H:%M} UTC", newest.args["on"]
        if not well(newest):
            return [f"The rehearsal on {on} failed, {at}."]
        said = timed_keys(newest.result["numbers"])
        return [f"Rollback rehearsed on {on}: {said}, by <@{newest.asked_by}>, {at}."]
    return [] if story.drill is None else [_drill(story.drill)]


def _drill(row: Measurement) -> str:
    at = f"{row.at:%Y-%m-%d %H:%M} UTC"
    if not row.numbers["keys"]:
        return f"Rollback not rehearsed: its scope held no key, {at}."
    return f"Rollback rehearsed on copies: {timed_keys(row.numbers)}, {at}."


def _told(story: Story) -> list[str]:
    action = newest_purge(story)
    if action is None or action.state is not ActionState.PAUSED:
        return []
    evidence = held_by_look(action)
    return [f"The purge is paused by {told_by(action)}.{f' {evidence}' if evidence else ''}"]


def _rollback(row: Action) -> str:
    failed = row.result.get("failed")
    return f"Rollback asked by {told(row.asked_by)}: {row.state}{f'. {failed}' if failed else ''}"


COMMAND: Command = Status()
