"""The rows of the ledger as values, and the one form in which they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.release.evidencing import Evidence
from bot.release.notices import Notice
from bot.release.queueing import Wait, WaitMove
from bot.release.reminders import Reminder, ReminderMove, Sending
from bot.release.states import ReleaseState, StepState
from bot.release.step_up import Enrolment
from bot.release.timers import Timer, TimerMove

Json = Mapping[str, Any]


class Outcome(StrEnum):
    """What a verdict says; unsure asks a person."""

    PASS = "pass"
    FAIL = "fail"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A judgement with one sentence of evidence.

    `actual` is what was measured, as short lines beside the expected result;
    `numbers` is what of it is worth keeping (JSON, no secrets, no page bodies).
    """

    outcome: Outcome
    evidence: str
    actual: str
    numbers: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Release:
    """One run of the checklist. `owner` and `starter` are Slack user ids (or `terminal:<name>`).

    `hotfix` is why it goes on through a freeze, with one approval more; None where it does not.
    """

    id: int
    app: str
    environment: str
    routes: tuple[str, ...]
    title: str
    starter: str
    owner: str
    state: ReleaseState
    version: int
    channel: str
    previous: str | None
    catalog_hash: str
    started_at: datetime
    ended_at: datetime | None
    hotfix: str | None = None

    @property
    def name(self) -> str:
        """Return the name people use: R-42."""
        return f"R-{self.id}"


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One line of the checklist: owner, expected, actual and rollback note in one place.

    `moved_at` is when it was last changed.
    """

    release_id: int
    number: int
    kind: str
    title: str
    owner: str
    expected: str
    rollback_note: str
    state: StepState
    version: int
    verdict: Verdict | None
    plan: Json | None
    plan_hash: str | None
    reason: str | None
    moved_at: datetime | None = None


class ActionKind(StrEnum):
    """What the engine can be asked to do."""

    RUN_STEP = "run_step"
    PURGE = "purge"
    ROLLBACK = "rollback"
    CHECK = "check"
    HEADERS = "headers"
    PREVIEW = "preview"
    VERIFY_SNAPSHOT = "verify_snapshot"
    DRILL = "drill"
    REHEARSE = "rehearse"
    WATCH = "watch"


class ActionState(StrEnum):
    """How far an action is; unknown asks a person and is never run again silently.

    Nobody works on a paused one: it waits for a person, and a resumed one is accepted anew.
    """

    ACCEPTED = "accepted"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


ENDED_ACTION = frozenset({ActionState.DONE, ActionState.FAILED, ActionState.UNKNOWN})


class Control(StrEnum):
    """What a purge was told: to go on, to pause, or to end."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Action:
    """Work that was asked for. `key` comes from its meaning; `partition` names what must not run twice at once.

    `fence` grows with each (re)start; an older run that comes back stops when it sees a higher one.
    `control` is what it was told last, by whom and when; `pace` is None while nobody changed the catalog's.
    """

    key: str
    kind: ActionKind
    partition: str
    release_id: int | None
    step: int | None
    args: Json
    channel: str | None
    asked_by: str
    asked_at: datetime
    state: ActionState = ActionState.ACCEPTED
    fence: int = 0
    progress: Json = field(default_factory=dict)
    result: Json = field(default_factory=dict)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    control: Control = Control.RUN
    control_by: str | None = None
    control_at: datetime | None = None
    pace: str | None = None
    resumed: int = 0

    @property
    def turn(self) -> str:
        """Return what the engine calls this turn of it: the key, and after a pause which turn it is."""
        return f"{self.key}#{self.resumed}" if self.resumed else self.key


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One person's yes to one step, bound to the plan's hash where the step has a plan.

    `required_from` is the catalog's required group or person for which it counts, None where it counts for none.
    """

    release_id: int
    step: int
    plan_hash: str
    by: str
    at: datetime
    required_from: str | None = None


@dataclass(frozen=True, kw_only=True)
class SnapshotRow:
    """A snapshot the ledger knows; purpose is `purge` or `forward` (taken by a rollback)."""

    id: str
    release_id: int
    purpose: str
    state: str
    keys: int
    bytes: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One app that may not be released until someone unlocks it, or until its time is over.

    `remind_at` is when the one who locked it is reminded next; None: never.
    """

    app: str
    environment: str
    reason: str
    by: str
    at: datetime
    until: datetime | None = None
    remind_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """An approver's word that a release may start without a rehearsal, and why."""

    release_id: int
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What a look saw at one time, kept for comparison; phase is `before`, `after` or `check`."""

    release_id: int | None
    app: str
    environment: str
    route: str
    kind: str
    phase: str
    at: datetime
    numbers: Json


@dataclass(frozen=True, kw_only=True)
class Called:
    """One call of a person, or of a thread where `to` is None; `key` is its notice's."""

    key: str
    to: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Note:
    """One line that a person added to a release's timeline.

    `said_at` and `link` are a message's own time and address where the line was said elsewhere;
    `said_by` is then who said it. `key` comes from that message: added twice is added once.
    """

    key: str
    release_id: int
    text: str
    by: str
    at: datetime
    said_by: str
    said_at: datetime
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything the ledger holds of one release; what every message is drawn from.

    `drill` is the newest drill of its rollback; `rehearsals` are those of its scope on the environment that stands
    in for its own, newest first. `queue` is who waits for its end, in order. `timers` are the minutes of its watch,
    `looks` what was seen in them. `evidence` is what was reported of its steps from outside.
    `calls` are the calls of people to act on it, oldest first; `notes` what people added to its
    timeline. `moved_by` is who last started, approved, skipped or handed over something of it.
    `reminders` are those that went out, oldest first.
    """

    release: Release
    steps: tuple[StepLine, ...]
    approvals: tuple[Approval, ...]
    actions: tuple[Action, ...]
    snapshots: tuple[SnapshotRow, ...]
    lock: Lock | None
    drill: Measurement | None = None
    rehearsals: tuple[Action, ...] = ()
    waiver: Waiver | None = None
    queue: tuple[Wait, ...] = ()
    calls: tuple[Called, ...] = ()
    notes: tuple[Note, ...] = ()
    moved_by: str | None = None
    timers: tuple[Timer, ...] = ()
    looks: tuple[Measurement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NewStep:
    """A checklist line as it is first written."""

    kind: str
    title: str
    owner: str
    expected: str
    rollback_note: str


@dataclass(frozen=True, kw_only=True)
class NewRelease:
    """A release as it is first written; its first step is ready, the others wait.

    `gated` is true where the first step opens only after a rehearsal: then the thread begins with its card.
    `place` names the Redis, `scope` the patterns of all keys that it may take: no two live releases share one.
    """

    app: str
    environment: str
    routes: tuple[str, ...]
    title: str
    starter: str
    owner: str
    channel: str
    previous: str | None
    catalog_hash: str
    steps: tuple[NewStep, ...]
    gated: bool = False
    place: str = ""
    scope: tuple[str, ...] = ()
    hotfix: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReleaseMove:
    """UPDATE release SET state, fields WHERE id AND version = seen.

    `timers` are armed with it; a move out of the watch cancels those that are still armed.
    """

    id: int
    seen_version: int
    to: ReleaseState
    previous: str | None = None
    ended: bool = False
    hotfix: str | None = None
    timers: tuple[Timer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepMove:
    """UPDATE step SET state, fields WHERE release, number AND version = seen; `None` leaves a field alone."""

    release_id: int
    number: int
    seen_version: int
    to: StepState
    owner: str | None = None
    verdict: Verdict | None = None
    plan: Json | None = None
    plan_hash: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ActionMove:
    """UPDATE action SET state, result WHERE key AND fence = seen AND state is not ended."""

    key: str
    seen_fence: int
    to: ActionState
    result: Json


@dataclass(frozen=True, kw_only=True)
class Steering:
    """UPDATE action SET control, pace, state WHERE key AND state, control are as seen; `None` leaves a field alone.

    Moved to accepted, it has one more turn; moved to paused, its run must have the fence that is seen.
    """

    key: str
    seen_state: ActionState
    seen_control: Control
    control: Control | None = None
    pace: str | None = None
    to: ActionState | None = None
    seen_fence: int | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One transaction: all of it is kept, or none of it.

    `act` and `body` become the audit row; `cards` are the messages to draw again. A lock that somebody else holds
    stays theirs unless `lock_from` names them; with `lock_seen` the lock must still stand exactly so.
    """

    act: str
    by: str
    at: datetime
    release_id: int | None = None
    body: Json = field(default_factory=dict)
    releases: tuple[ReleaseMove, ...] = ()
    steps: tuple[StepMove, ...] = ()
    actions: tuple[ActionMove, ...] = ()
    requests: tuple[Action, ...] = ()
    steering: tuple[Steering, ...] = ()
    timers: tuple[TimerMove, ...] = ()
    approvals: tuple[Approval, ...] = ()
    snapshots: tuple[SnapshotRow, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    lock: Lock | None = None
    lock_from: str | None = None
    lock_seen: Lock | None = None
    unlock: tuple[str, str] | None = None
    waiver: Waiver | None = None
    enrolment: Enrolment | None = None
    waits: tuple[Wait, ...] = ()
    wait_moves: tuple[WaitMove, ...] = ()
    notices: tuple[Notice, ...] = ()
    notes: tuple[Note, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reminders: tuple[Sending, ...] = ()
    reminder_moves: tuple[ReminderMove, ...] = ()
    cards: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The change is in the ledger."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """Somebody else got there first: nothing of the change was kept.

    `asked` is the action that already carries the request's key, where that was the reason;
    `release` is the live release that holds some of the same keys, `turn` whose turn it is.
    """

    what: str
    asked: Action | None = None
    release: int | None = None
    turn: str | None = None


@dataclass(frozen=True, kw_only=True)
class DueCard:
    """A message that waits: `root:42`, `rehearsal:42`, `step:42:3`, `rollback:42`, `end:42` or `action:<key>`."""

    id: int
    card: str
    attempts: int
    channel: str | None
    ts: str | None
    digest: str | None
    hurry: bool = True
    unsure_since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One thing that was done; `hash` covers it and, through `prev`, everything before it (SHA-256, hex)."""

    seq: int
    at: datetime
    by: str
    act: str
    release_id: int | None
    body: Json
    prev: str
    hash: str
