"""Who must act now on a release, and what is wanted of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.release.catalog import Catalog
from bot.release.checklist import bound_hash, current_step, planned_by, rollbacks
from bot.release.notices import Notice, can_be_told
from bot.release.quorum import approvers_left, barred_from
from bot.release.records import ActionState, Change, Outcome, StepLine, Story
from bot.release.states import ReleaseState, StepState
from bot.release.steering import BOT, held_by_look, newest_purge
from bot.release.stopping import why_stopped
from bot.release.watch_calls import looks_of

PREFIX = "call:"


class What(StrEnum):
    """What is wanted of a person."""

    RUN = "run"
    APPROVE = "approve"
    DECIDE = "decide"
    RESUME = "resume"
    ROLL_BACK = "rollback"
    LOOK = "look"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is wanted now, and of whom: people and user groups. `key` is the same as long as it is the same wish.

    `step` is the step it is about; None for a rollback. `silent` are those who brought it about: they know.
    `barred` are those who may not do it, or did their part.
    """

    what: What
    people: tuple[str, ...]
    key: str
    step: StepLine | None = None
    silent: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()


def to_be_decided(step: StepLine) -> bool:
    """Return whether the step was judged a failure, or its work broke: its owner decides."""
    bad = step.verdict is None or step.verdict.outcome is Outcome.FAIL
    return step.state is StepState.STOPPED or (step.state is StepState.JUDGED and bad)


def wanted(story: Story, catalog: Catalog) -> Wanted | None:
    """Return what a release waits for a person to do; None where it waits for nobody."""
    release = story.release
    if release.state is ReleaseState.ROLLBACK_FAILED:
        tries = len(rollbacks(story))
        return _wanted(story, What.ROLL_BACK, (release.owner, *_oncall(story, catalog)), str(tries))
    step = current_step(story)
    if step is None or release.state is not ReleaseState.OPEN:
        return _watched(story)
    if to_be_decided(step):
        called = (step.owner, *(_oncall(story, catalog) if why_stopped(step) else ()))
        return _wanted(story, What.DECIDE, called, f"{step.owner}:{step.version}", step)
    if step.state is StepState.ACTING:
        return _paused(story, step, catalog)
    if step.state is StepState.READY:
        mover = frozenset({story.moved_by} if story.moved_by else ())
        return _wanted(story, What.RUN, (step.owner,), step.owner, step, silent=mover)
    if step.state is StepState.JUDGED:
        barred = barred_from(story, step)
        left = approvers_left(story, step, catalog)
        wish = _wanted(
            story,
            What.APPROVE,
            left,
            bound_hash(step)[:16],
            step,
            silent=barred | _ran(story, step),
        )
        return replace(wish, barred=barred)
    return None


def _watched(story: Story) -> Wanted | None:
    """Return who is called by the newest look of a watch that calls anybody; also when it was undone by itself."""
    calling = [look for look in looks_of(story) if look.call is not None]
    if not calling:
        return None
    look = calling[-1]
    return _wanted(story, What.LOOK, look.called, str(look.number))


def _paused(story: Story, step: StepLine, catalog: Catalog) -> Wanted | None:
    """Return who resumes or stops a purge that is paused; a person who paused it needs no call."""
    action = newest_purge(story)
    if action is None or action.state is not ActionState.PAUSED:
        return None
    people = (step.owner, *_oncall(story, catalog))
    silent = frozenset(people) if held_by_look(action) is None else frozenset[str]()
    return _wanted(
        story, What.RESUME, people, f"{action.key}#{action.resumed}", step, silent=silent
    )


def _wanted(
    story: Story,
    what: What,
    people: tuple[str, ...],
    mark: str,
    step: StepLine | None = None,
    *,
    silent: frozenset[str] = frozenset(),
) -> Wanted:
    number = 0 if step is None else step.number
    return Wanted(
        what=what,
        people=tuple(dict.fromkeys(people)),
        key=f"{PREFIX}{story.release.id}:{what}:{number}:{mark}",
        step=step,
        silent=silent,
    )


def _oncall(story: Story, catalog: Catalog) -> tuple[str, ...]:
    app = catalog.apps.get(story.release.app)
    return () if app is None else app.oncall


def _ran(story: Story, step: StepLine) -> frozenset[str]:
    runner = planned_by(story, step)
    return frozenset({runner} if runner else ())


def call_change(
    story: Story,
    wish: Wanted,
    people: tuple[str, ...],
    at: datetime,
    lines: tuple[str, ...] = (),
) -> Change | None:
    """Return the change that calls people, in the thread and each by a direct message; None where all were called.

    `people` are those of the wish, with the members of user groups in their groups' place. `lines` are said with it.
    """
    known = {row.key for row in story.calls}
    told = [who for who in people if can_be_told(who) and who not in wish.silent]
    # A look that calls people stands in the thread by itself.
    thread = () if wish.what is What.LOOK or not told else (None,)
    targets: list[str | None] = [*thread, *dict.fromkeys(told)]
    fresh = tuple(
        Notice(
            key=f"{wish.key}:{who or 'thread'}",
            to=who,
            text="",
            at=at,
            about=story.release.id,
            lines=lines,
        )
        for who in targets
        if f"{wish.key}:{who or 'thread'}" not in known
    )
    if not fresh:
        return None
    return Change(
        act="call",
        by=BOT,
        at=at,
        release_id=story.release.id,
        body={"wanted": wish.key.removeprefix(PREFIX), "of": [row.to for row in fresh if row.to]},
        notices=fresh,
    )


def is_call(key: str) -> bool:
    """Return whether a notice of that key calls people, and is drawn from the release as it is now."""
    return key.startswith(PREFIX)


def is_over(story: Story, notice: Notice, wish: Wanted | None) -> bool:
    """Return whether a call is to be taken away: in a thread one no longer wanted, for a person one with a newer."""
    if notice.to is None:
        return wish is None or notice.key != f"{wish.key}:thread"
    mine = [row for row in story.calls if row.to == notice.to]
    return bool(mine) and mine[-1].key != notice.key


def look_of_call(notice: Notice) -> str | None:
    """Return the number of the look that called the reader of a notice; None where it was no look."""
    _, _, what, _, number, *_ = (*notice.key.split(":"), "", "", "", "", "")
    return number if what == What.LOOK else None


def wants_of(story: Story, notice: Notice, wish: Wanted | None) -> bool:
    """Return whether what the notice called its reader for is still wanted."""
    return wish is not None and notice.key.startswith(f"{wish.key}:")
