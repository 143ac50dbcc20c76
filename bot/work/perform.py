"""Runs what was asked for, and records the outcome whatever it is."""

from __future__ import annotations

import logging
import secrets

from bot.release.checklist import cards_of
from bot.release.records import (
    Action,
    ActionKind,
    ActionMove,
    ActionState,
    Change,
    Lost,
    ReleaseMove,
    StepMove,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.rehearsing import cards_beside
from bot.release.states import RELEASE, Move, ReleaseState, after
from bot.release.steering import broken_off
from bot.work.drilling import drill
from bot.work.jobs import keep_outcome
from bot.work.look import BOT, look_outside, run_step
from bot.work.parts import Parts
from bot.work.pausing import put_down
from bot.work.purging import purge
from bot.work.rehearsing import rehearse
from bot.work.report import Paused, Report, Stopped, Superseded
from bot.work.rolling_back import roll_back
from bot.work.verify_snapshot import verify_snapshots
from bot.work.watching import watch

log = logging.getLogger(__name__)

WORK = {
    ActionKind.RUN_STEP: run_step,
    ActionKind.PURGE: purge,
    ActionKind.ROLLBACK: roll_back,
    ActionKind.CHECK: look_outside,
    ActionKind.HEADERS: look_outside,
    ActionKind.PREVIEW: look_outside,
    ActionKind.VERIFY_SNAPSHOT: verify_snapshots,
    ActionKind.DRILL: drill,
    ActionKind.REHEARSE: rehearse,
    ActionKind.WATCH: watch,
}


class Performer:
    """The body of every durable workflow; safe to run again after a crash at any point."""

    def __init__(self, parts: Parts) -> None:
        """Take the outside things."""
        self._parts = parts

    def perform(self, key: str) -> None:
        """Run one action to its end. Only a newer run of the same action ends it without a record."""
        parts = self._parts
        # A purge that went on after a pause is one more turn of the same action: `purge:1:3:v5#1`.
        action = parts.ledger.start_action(key.partition("#")[0], parts.clock.now())
        if action is None:
            return
        try:
            self._work(action)
        except Superseded:
            log.info("a newer run of %s took over", key)

    def _work(self, action: Action) -> None:
        parts = self._parts
        report = Report(parts.ledger, action, parts.clock.now)
        try:
            WORK[action.kind](parts, action, report)
        except Superseded:
            raise
        except Stopped as stopped:
            self._failed(action, stopped.why)
        except Paused as paused:
            self._put_down(action, by_look=paused.by_look)
        except Refusal as refusal:
            self._failed(action, refusal)
        except Exception:
            # The last resort: whatever happened, the thread must show an end, and the log the cause.
            token = secrets.token_hex(4)
            log.exception("%s failed, token %s", action.key, token)
            self._failed(action, _internal(token))

    def _put_down(self, action: Action, *, by_look: bool) -> None:
        """Leave a paused purge to whoever resumes it; where it was told otherwise meanwhile, go on."""
        parts = self._parts
        change = put_down(action, parts.clock.now(), by_look=by_look)
        if isinstance(parts.ledger.keep(change), Lost):
            now = parts.ledger.action(action.key)
            if now is not None and now.fence == action.fence:
                self.perform(action.key)

    def report_poisoned(self, key: str) -> None:
        """Record that an action was given up: it took its worker down, or could not be recorded."""
        started = self._parts.ledger.start_action
        action = started(key.partition("#")[0], self._parts.clock.now())
        if action is not None:
            self._failed(action, _poisoned())

    def _failed(self, action: Action, refusal: Refusal) -> None:
        keep_outcome(self._parts, action, lambda: self._failure(action, refusal))

    def _failure(self, action: Action, refusal: Refusal) -> Change:
        """Return the change that shows the failure on the card and frees what the action held."""
        story = None if action.release_id is None else self._parts.ledger.story(action.release_id)
        unknown = refusal.code is Code.OUTCOME_UNKNOWN
        result = {
            "code": refusal.code,
            "failed": refusal.failed,
            "expected": refusal.expected,
            "retry_is_safe": refusal.retry_is_safe,
        }
        moved = ActionMove(
            key=action.key,
            seen_fence=action.fence,
            to=ActionState.UNKNOWN if unknown else ActionState.FAILED,
            result=result,
        )
        return Change(
            act=f"{action.kind} failed",
            by=BOT,
            at=self._parts.clock.now(),
            release_id=action.release_id,
            body={"key": action.key, **result},
            actions=(moved,),
            steps=() if story is None else _broken_step(story, action, refusal),
            releases=() if story is None else _broken_rollback(story, action),
            cards=_cards(story, action),
        )


def _broken_step(story: Story, action: Action, refusal: Refusal) -> tuple[StepMove, ...]:
    line = next((row for row in story.steps if row.number == action.step), None)
    return () if line is None else broken_off(line, refusal)


def _broken_rollback(story: Story, action: Action) -> tuple[ReleaseMove, ...]:
    release = story.release
    if action.kind is not ActionKind.ROLLBACK or release.state is not ReleaseState.ROLLING_BACK:
        return ()
    to = after(RELEASE, release.state, Move.ROLLBACK_BROKE)
    return (ReleaseMove(id=release.id, seen_version=release.version, to=to),)


def _cards(story: Story | None, action: Action) -> tuple[str, ...]:
    if story is None:
        return cards_beside(action)
    if action.kind is ActionKind.ROLLBACK:
        number = story.release.id
        return (*cards_of(story), f"rollback:{number}", f"end:{number}")
    return (f"root:{story.release.id}", f"step:{story.release.id}:{action.step}")


def _internal(token: str) -> Refusal:
    return Refusal(
        code=Code.INTERNAL,
        failed=f"An unexpected error, token {token}; the same token is in the log.",
        expected="no error; tell whoever runs the bot the token.",
        retry_is_safe=False,
    )


def _poisoned() -> Refusal:
    return Refusal(
        code=Code.OUTCOME_UNKNOWN,
        failed="The worker crashed on this again and again, or could not record it, and gave it up.",
        expected="a person who looks at the log before running it again.",
        retry_is_safe=False,
    )
