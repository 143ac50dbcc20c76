"""From what was heard to an answer: who, which release, run; whatever happens, there is an answer."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.commands import Ask, FormErrors, Reply, Said
from bot.effects.log_context import about
from bot.release.catalog import Catalog
from bot.release.health import Health
from bot.release.records import Change, Lock, Release
from bot.release.refusal import Code, Refusal
from bot.slack.hearing import Heard, Request
from bot.slack.people import People
from bot.slack.strangers import Team
from bot.slack.timing import count_refusal
from bot.slack.views import DrawnFrom
from bot.slack.views.answer import unknown

log = logging.getLogger(__name__)

PATIENCE_S = 2.0
LONGEST_S = 60.0
AT_ONCE = 50


class DoorLedger(DrawnFrom, Protocol):
    """What the door reads of the ledger."""

    def card_at(self, channel: str, ts: str) -> str | None:
        """Return which message of ours stands there."""
        ...

    def release_in_thread(self, channel: str, thread_ts: str) -> int | None:
        """Return the release whose root card has this timestamp."""
        ...

    def releases(
        self,
        *,
        app: str | None = None,
        route: str | None = None,
        live: bool = False,
        limit: int = 10,
    ) -> tuple[Release, ...]:
        """Return releases, newest first."""
        ...

    def message(self, card: str) -> tuple[str, str] | None:
        """Return the channel and timestamp of a message that was posted."""
        ...

    def locks(self) -> tuple[Lock, ...]:
        """Return every lock."""
        ...


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What stands behind the door. `run` carries out an Ask and returns a Reply, or raises a Refusal.

    `health` says how the bot is, where somebody knows.
    `on_refused` keeps the audit of those who asked for what they may not.
    `admit` refuses a person, a verb or a release that is asked too often.
    """

    run: Callable[[Ask], Reply]
    people: People
    ledger: DoorLedger
    catalog: Catalog
    now: Callable[[], datetime]
    health: Callable[[], Health] | None = None
    on_refused: Callable[[Change], object] = lambda change: None
    admit: Callable[[str, str, int | None], None] = lambda user, verb, release: None


Answer = Reply | Refusal


class Decider:
    """Runs what was asked beside the listener, which can so answer Slack in time."""

    def __init__(self, behind: Behind) -> None:
        """Open the threads that run commands."""
        self._behind = behind
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack-ask")

    def begin(self, heard: Heard, team: Team) -> Future[Answer]:
        """Begin to decide; the future never raises."""
        return self._pool.submit(self._decide, heard, team)

    def close(self) -> None:
        """Wait for what was begun."""
        self._pool.shutdown(wait=True)

    def _decide(self, heard: Heard, team: Team) -> Answer:
        try:
            return self._run(heard, team)
        except Exception:
            # The last resort: a person gets a token instead of silence, and the log the cause.
            token = secrets.token_hex(4)
            log.exception("an ask of %s broke, token %s", heard.user, token)
            return unknown(token)

    def _run(self, heard: Heard, team: Team) -> Answer:
        request = release = None
        try:
            request = heard.read()
            self._behind.admit(heard.user, request.verb, request.release)
            ask = self._ask(heard, request, team)
            release = ask.release
            with about(release=release):
                return self._behind.run(ask)
        except Refusal as refusal:
            with about(release=release):
                log.info("%s was refused: %s", heard.user, refusal.code)
            count_refusal(refusal.code, door=None if request is None else request.door)
            if request is not None and refusal.code is Code.NOT_ALLOWED:
                self._behind.on_refused(self._refused(heard, request, refusal))
            return refusal

    def _refused(self, heard: Heard, request: Request, refusal: Refusal) -> Change:
        """Return the audit of a refused person; a release that does not exist stands in the body alone."""
        release = self._release(heard, request)
        known = release is not None and self._behind.ledger.story(release) is not None
        return Change(
            act="refused",
            by=heard.user,
            at=self._behind.now(),
            release_id=release if known else None,
            body={
                "verb": request.verb,
                "release": release,
                "step": request.step,
                "failed": refusal.failed,
                "expected": refusal.expected,
            },
        )

    def _release(self, heard: Heard, request: Request) -> int | None:
        place = heard.place
        if request.release is None and place.channel is not None and place.thread is not None:
            return self._behind.ledger.release_in_thread(place.channel, place.thread)
        return request.release

    def _ask(self, heard: Heard, request: Request, team: Team) -> Ask:
        place = heard.place
        return Ask(
            verb=request.verb,
            who=self._behind.people.person(heard.user, verb=request.verb, team=team),
            at=self._behind.now(),
            door=request.door,
            channel=place.channel,
            words=request.words,
            fields=request.fields,
            release=self._release(heard, request),
            step=request.step,
            seen_version=request.seen,
        )


def in_time(begun: Future[Answer], patience_s: float = PATIENCE_S) -> Answer | None:
    """Return the answer if it comes in so many seconds, before Slack loses patience, else None."""
    done, _ = wait([begun], timeout=patience_s)
    return begun.result() if done else None


def at_last(begun: Future[Answer]) -> Answer | None:
    """Return an answer that came late, None where it never came."""
    done, _ = wait([begun], timeout=LONGEST_S)
    return begun.result() if done else None


def without_dialog(answer: Said | FormErrors | Refusal) -> Said | Refusal:
    """Return an answer for a place that has no dialog: wrong words are a Refusal there."""
    if isinstance(answer, FormErrors):
        return Refusal(
            code=Code.BAD_REQUEST,
            failed=" ".join(answer.errors.values()),
            expected="the words that `help` shows.",
            retry_is_safe=True,
        )
    return answer
