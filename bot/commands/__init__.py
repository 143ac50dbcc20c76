"""What a command is: an Ask comes in, a Reply goes out, and these are the tools it may lean on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.release.ask import Ask as Ask
from bot.release.catalog import Catalog
from bot.release.finding import no_such_release
from bot.release.forms import Choice as Choice
from bot.release.forms import Form as Form
from bot.release.forms import FormErrors as FormErrors
from bot.release.forms import FormField as FormField
from bot.release.locking import refuse_locked
from bot.release.membership import Membership, no_answer
from bot.release.offers import Offer
from bot.release.opening import prepared, refuse_lost
from bot.release.people import Person
from bot.release.proving import StepUp
from bot.release.rates import refuse_one_more
from bot.release.reads import Reads
from bot.release.records import (
    Action,
    Change,
    Kept,
    Lock,
    Lost,
    Measurement,
    NewRelease,
    Release,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.reminder_times import USUAL, ReminderPlan
from bot.release.watch_plan import OFF, WatchPlan
from bot.steps import Step

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A sentence to the one who asked; `lines` follow it, and `offers` of what to do next.

    `action` is the work that was started, if any.
    `on_card` says that the release's thread shows the same: who asked there need not be told twice.
    """

    text: str
    lines: tuple[str, ...] = ()
    on_card: bool = False
    action: str | None = None
    release: int | None = None
    offers: tuple[Offer, ...] = ()


Reply = Said | Form | FormErrors


class Ledger(Reads, Protocol):
    """The truth. Every method is one transaction."""

    def open_release(self, new: NewRelease, *, by: str, at: datetime) -> Release | Lost:
        """Write a release, its steps, an audit row and its cards; Lost when a live release shares a route."""
        ...

    def keep(self, change: Change) -> Kept | Lost:
        """Keep the whole change or nothing of it."""
        ...

    def story(self, release_id: int) -> Story | None:
        """Return everything of one release."""
        ...

    def release_in_thread(self, channel: str, thread_ts: str) -> int | None:
        """Return the release whose root card has this timestamp."""
        ...

    def action(self, key: str) -> Action | None:
        """Return one action."""
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

    def lock(self, app: str, environment: str) -> Lock | None:
        """Return the lock on an app's environment."""
        ...

    def rehearsals(self, app: str, environment: str, routes: Sequence[str]) -> tuple[Action, ...]:
        """Return the rehearsals of a scope for an environment, newest first."""
        ...

    def measurements(
        self, *, app: str, environment: str, route: str, kind: str, limit: int = 20
    ) -> tuple[Measurement, ...]:
        """Return what was measured of a route, newest first."""
        ...


class Engine(Protocol):
    """Who runs what was asked."""

    def enqueue(self, key: str, partition: str) -> None:
        """Hand an action to the workers; the same key twice is once."""
        ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Return the time with its zone, UTC."""
        ...


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a command may lean on; a rehearsal counts `rehearsal_h` hours, 0: none is needed; `most_live` is a limit."""

    catalog: Catalog
    ledger: Ledger
    engine: Engine
    steps: Mapping[str, Step]
    commands: Mapping[str, Command]
    rehearsal_h: int = 24
    watch: WatchPlan = OFF
    most_live: int = 100
    members: Callable[[str], Membership] = no_answer
    reminders: ReminderPlan = USUAL
    step_up: StepUp | None = None

    def keep(self, change: Change, *, otherwise: str) -> None:
        """Keep the change; refuse, starting with `otherwise`, where somebody else got there first."""
        kept = self.ledger.keep(change)
        if isinstance(kept, Lost):
            raise Refusal(
                code=Code.MOVED_ON,
                failed=f"{otherwise}: {kept.what}.",
                expected="something that nobody else moved at the same moment.",
                retry_is_safe=True,
            )
        for request in change.requests:
            self.hand_on(request)

    def hand_on(self, request: Action) -> None:
        """Give recorded work to the engine; where that fails it is still recorded, and the clock hands it on."""
        try:
            self.engine.enqueue(request.turn, request.partition)
        except Refusal as refusal:
            log.warning("%s waits for the clock: %s", request.key, refusal)

    def open_release(self, new: NewRelease, ask: Ask) -> Release:
        """Open the release; refuse a locked or frozen app, and keys that a live release holds."""
        lock = self.ledger.lock(new.app, new.environment)
        refuse_locked(lock, ask.at, what="Not started", routes=new.routes)
        new = prepared(new, self.catalog, ask.fields, ask.at)
        refuse_one_more(self.ledger.releases(live=True, limit=self.most_live), self.most_live)
        opened = self.ledger.open_release(new, by=ask.who.id, at=ask.at)
        if isinstance(opened, Lost):
            other = None if opened.release is None else self.ledger.story(opened.release)
            raise refuse_lost(opened, new, other)
        return opened

    def find_story(self, ask: Ask) -> Story:
        """Return the release that the ask is about; refuse where none is meant or known."""
        if ask.release is not None and (story := self.ledger.story(ask.release)):
            return story
        raise no_such_release(ask.release)


class Command(Protocol):
    """A verb. Each file of this folder ends with `COMMAND: Command = …`; its docs line is asserted by a test."""

    verb: str
    usage: str
    summary: str
    in_help: bool

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Return whether the person may use the verb on any app; decides what help lists."""
        ...

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Find, decide, record; raise a Refusal or return the answer."""
        ...
