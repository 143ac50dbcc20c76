"""The ledger in a SQL database: SQLite with no server, PostgreSQL for several hosts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine

from bot.effects.ledger.audit import AuditLedger
from bot.effects.ledger.backlog import BacklogLedger
from bot.effects.ledger.calls_in import CallLedger
from bot.effects.ledger.connect import LostRaceError, open_engine
from bot.effects.ledger.enrolment import EnrolmentLedger
from bot.effects.ledger.gauges import GaugeLedger
from bot.effects.ledger.heard import HeardLedger
from bot.effects.ledger.keep import keep_change
from bot.effects.ledger.measured import MeasuredLedger
from bot.effects.ledger.membership import MembershipLedger
from bot.effects.ledger.open import write_release
from bot.effects.ledger.outbox import OutboxLedger
from bot.effects.ledger.past import PastLedger
from bot.effects.ledger.pruning import PruneLedger
from bot.effects.ledger.reminders import ReminderLedger
from bot.effects.ledger.story import StoryLedger
from bot.effects.ledger.tracing import TraceLedger
from bot.effects.ledger.turns import TurnLedger
from bot.effects.ledger.unsure import UnsureLedger
from bot.effects.ledger.verifying import VerifyLedger
from bot.effects.ledger.waiting import WaitLedger
from bot.effects.ledger.webhooks import Wanted, WebhookLedger, tell_others
from bot.effects.ledger.work import ActionLedger
from bot.release.catalog import Catalog
from bot.release.events import Event
from bot.release.records import Change, Kept, Lost, NewRelease, Release
from bot.release.telling_others import Happened, events_of, wanted_of


class SqlLedger(
    StoryLedger,
    MeasuredLedger,
    PastLedger,
    ActionLedger,
    OutboxLedger,
    TurnLedger,
    UnsureLedger,
    WaitLedger,
    ReminderLedger,
    BacklogLedger,
    HeardLedger,
    MembershipLedger,
    EnrolmentLedger,
    AuditLedger,
    VerifyLedger,
    PruneLedger,
    GaugeLedger,
    TraceLedger,
    WebhookLedger,
    CallLedger,
):
    """The truth. Every method is one transaction; races are settled by the database.

    Every method raises Refusal(NOT_RECORDED) where the database does not answer in time.
    """

    def __init__(self, engine: Engine, wanted: Wanted | None = None) -> None:
        """Take an engine that `open_engine` made, and who is told of which events."""
        super().__init__(engine)
        self._wanted: Wanted = wanted or {}

    def open_release(self, new: NewRelease, *, by: str, at: datetime) -> Release | Lost:
        """Write a release, its steps, an audit row and its cards; Lost when a live release shares a key."""
        try:
            return self._write(lambda connection: self._open(connection, new, by, at))
        except LostRaceError as lost:
            return Lost(what=lost.what, release=lost.release, turn=lost.turn)

    def keep(self, change: Change) -> Kept | Lost:
        """Keep the whole change or nothing of it."""
        try:
            self._write(lambda connection: self._keep(connection, change), change.act)
        except LostRaceError as lost:
            asked = None if lost.asked_key is None else self.action(lost.asked_key)
            return Lost(what=lost.what, asked=asked)
        return Kept()

    def _open(self, connection: Connection, new: NewRelease, by: str, at: datetime) -> Release:
        release = write_release(connection, new, by=by, at=at)
        started = Happened(event=Event.RELEASE_STARTED, release_id=release.id)
        tell_others(connection, (started,), self._wanted, by=by, at=at)
        return release

    def _keep(self, connection: Connection, change: Change) -> None:
        keep_change(connection, change)
        told = events_of(change)
        tell_others(connection, told, self._wanted, by=change.by, at=change.at)


def open_ledger(url: str, *, wait_ms: int = 5000, catalog: Catalog | None = None) -> SqlLedger:
    """Return the ledger at `sqlite:///<file>` or `postgresql://…`; its tables come from `migrate`.

    `wait_ms` is how long a SQLite writer waits for another one; `catalog` says who is told of which events.
    """
    wanted = None if catalog is None else wanted_of(catalog)
    return SqlLedger(open_engine(url, wait_ms=wait_ms), wanted)
