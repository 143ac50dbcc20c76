"""Runs one look of a watch and records what it calls for; it never stands in the way of a rollback."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.release.finding import find_app
from bot.release.records import (
    Action,
    ActionMove,
    ActionState,
    Change,
    Measurement,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState
from bot.release.timers import TimerMove, TimerState
from bot.release.watch_before import minutes_since_purge, minutes_to_warm
from bot.release.watch_calls import call_cards, looks_of, whom_to_call
from bot.release.watch_judge import cold_minutes, judge, refills
from bot.release.watch_plan import BOT, WATCH, overtaken
from bot.release.watching import (
    Look,
    Word,
    call_of,
    changed_header,
    numbers_of,
    redis_share,
)
from bot.work.jobs import job_of_step, keep_outcome
from bot.work.parts import Parts
from bot.work.report import Report
from bot.work.watch_look import look_at


class WatchEnded(Exception):
    """The release is rolled back, or somebody stopped its watch, while a look was under way."""


def watch(parts: Parts, action: Action, report: Report) -> None:
    """Look once and record it; a look that comes too late, or after the watch, is recorded as that and not made."""
    number = int(action.args["number"])
    story = _story(parts, action)
    if overtaken(story.timers, number, parts.clock.now()):
        _settle(parts, action, TimerState.MISSED)
        return
    try:
        look = _look(parts, action, number)
    except WatchEnded:
        _settle(parts, action, TimerState.CANCELLED)
        return
    keep_outcome(parts, action, lambda: _looked(parts, action, look))


def _story(parts: Parts, action: Action) -> Story:
    release_id = int(action.args["release"])
    story = parts.ledger.story(release_id)
    if story is None:
        raise Refusal(
            code=Code.UNKNOWN_NAME,
            failed=f"{action.key} watches a release that is not in the ledger.",
            expected="a release that was started.",
            retry_is_safe=False,
        )
    return story


def _look(parts: Parts, action: Action, number: int) -> Look:
    def heed(done: int = 0, total: int = 0) -> None:
        # Before each request: the release alone, not all that belongs to it.
        release = parts.ledger.release(int(action.args["release"]))
        if release is None or release.state is not ReleaseState.WATCHING:
            raise WatchEnded

    heed()
    at = parts.clock.now()
    story = _story(parts, action)
    try:
        job = job_of_step(parts, story, story.steps[0])
        baseline = parts.ledger.baseline(story.release.id, "latency")
        begun = _counted(parts, story)
        found = look_at(parts, job, story, baseline, heed)
    except Refusal as refusal:
        return Look(number=number, at=at, word=Word.UNSURE, evidence=refusal.failed)
    before = looks_of(story)
    counted = _counted(parts, story)
    shared = redis_share(before, begun, counted)
    cold = refills(
        found.hits,
        found.hits_before,
        before[-1].hits if before else None,
        minutes=minutes_since_purge(story, at.timestamp()),
        most=cold_minutes(parts.watch.cold_min, minutes_to_warm(story)),
    )
    word, evidence = judge(found.seen, cold=cold, changed=changed_header(before, found.headers))
    return Look(
        number=number,
        at=at,
        word=word,
        evidence=evidence,
        hits=None if found.hits is None else round(found.hits, 4),
        ms=found.ms,
        ms_before=found.ms_before,
        counted=counted,
        redis_hits=shared,
        headers=found.headers,
    )


def _counted(parts: Parts, story: Story) -> tuple[int, int] | None:
    """Return what the app's Redis has counted; None where it does not say, which is no reason to call anybody."""
    seen = parts.traffic(story.release.app, story.release.environment)
    return None if seen is None else (seen.hits, seen.misses)


def _looked(parts: Parts, action: Action, look: Look) -> Change:
    """Return the change that records the look, and calls people where they are needed and the watch still runs."""
    story = _story(parts, action)
    release = story.release
    if release.state is ReleaseState.WATCHING:
        look = _called(parts, story, look)
    now = parts.clock.now()
    return Change(
        act="watch",
        by=BOT,
        at=now,
        release_id=release.id,
        body={"number": look.number, "word": look.word, "evidence": look.evidence},
        timers=(_moved(action, TimerState.DONE),),
        actions=(_ended(action, {"word": look.word, "evidence": look.evidence}),),
        measurements=(_measured(story, look, look.at),),
        cards=(f"watch:{release.id}", f"root:{release.id}", *call_cards(release.id, look)),
    )


def _called(parts: Parts, story: Story, look: Look) -> Look:
    call = call_of(looks_of(story), look)
    if call is None:
        return look
    app = find_app(parts.catalog, story.release.app)
    return replace(look, call=call, called=whom_to_call(app, story.release, call))


def _measured(story: Story, look: Look, at: datetime) -> Measurement:
    release = story.release
    return Measurement(
        release_id=release.id,
        app=release.app,
        environment=release.environment,
        route="+".join(release.routes),
        kind=WATCH,
        phase="check",
        at=at,
        numbers=numbers_of(look),
    )


def _settle(parts: Parts, action: Action, to: TimerState) -> None:
    """Record a minute in which nothing was looked at."""
    number = int(action.args["release"])
    keep_outcome(
        parts,
        action,
        lambda: Change(
            act=f"watch {to}",
            by=BOT,
            at=parts.clock.now(),
            release_id=number,
            body={"number": action.args["number"]},
            timers=(_moved(action, to),),
            actions=(_ended(action, {"word": str(to)}),),
            cards=(f"watch:{number}",),
        ),
    )


def _moved(action: Action, to: TimerState) -> TimerMove:
    return TimerMove(key=action.key, seen=TimerState.FIRED, to=to)


def _ended(action: Action, result: dict[str, str]) -> ActionMove:
    return ActionMove(key=action.key, seen_fence=action.fence, to=ActionState.DONE, result=result)
