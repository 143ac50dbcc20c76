"""What a checklist step is: it wishes, someone else acts, it judges what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.release.catalog import App, Environment, Route
from bot.release.generation import Generation
from bot.release.own_indicator import OwnIndicator
from bot.release.phases import Phases
from bot.release.plan import Plan
from bot.release.records import Json, Measurement, Release, StepLine, Verdict
from bot.release.sight import Sight, sight_of


@dataclass(frozen=True, kw_only=True)
class Request:
    """One GET of a page of the environment; `account` names the test account whose cookie is sent.

    `only_after_miss` and `only_after_hit` are labels of earlier requests of the same Fetch: unless the
    answer was a plain cache miss, or came from the cache, this one is not sent. `only_where_mixed` asks for
    a miss after a hit among the earlier answers of this path; `revalidates` is the label of an earlier answer
    whose ETag goes with this one. `after_s` is a wait before it; `indicator` is the route's own. A `fresh` one
    has a connection of its own.
    """

    path: str
    account: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    label: str = ""
    only_after_miss: str | None = None
    only_after_hit: str | None = None
    fresh: bool = False
    only_where_mixed: bool = False
    revalidates: str | None = None
    after_s: float = 0.0
    indicator: OwnIndicator | None = None


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came back. `headers` keep order and duplicates; times are in seconds, `at` is Unix time.

    `seconds` is counted from the scheduled start; `error` is a short sentence where no answer came;
    `sent` is false where the request was held back.
    `body` is at most 256 KiB of text, and empty unless the wish asked to keep it. `phases` is None where
    the connection could not be timed.
    """

    request: Request
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    at: float
    seconds: float
    first_byte: float
    error: str | None = None
    sent: bool = True
    phases: Phases | None = None

    @property
    def sight(self) -> Sight:
        """Return what it says about caching."""
        own = self.request.indicator
        return sight_of(self.status, self.headers, at=self.at, error=self.error, own=own)


class Look:
    """A wish that changes nothing."""


class Act:
    """A wish that destroys or writes; carried out only for a confirmed plan hash or a rollback."""


@dataclass(frozen=True, kw_only=True)
class Fetch(Look):
    """GET pages one after another; `every` is the schedule in seconds (None: back to back)."""

    requests: tuple[Request, ...]
    every: float | None = None
    keep_body: bool = False


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The answers to a Fetch, in the order of its requests."""

    responses: tuple[Response, ...]


@dataclass(frozen=True, kw_only=True)
class Count(Look):
    """Walk the scope and count what a purge would take; `others` are the patterns of the app's other routes."""

    patterns: tuple[str, ...]
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    generations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The plan that the count gives."""

    plan: Plan


@dataclass(frozen=True, kw_only=True)
class ProveSnapshot(Look):
    """Check every segment of the release's snapshot against its manifest."""

    snapshot_id: str | None


@dataclass(frozen=True, kw_only=True)
class Proved:
    """What the proof found; `command` restores the snapshot without the bot."""

    snapshot_id: str | None
    keys: int
    bytes: int
    expires_at: str | None
    command: str
    problem: str | None
    generations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResolveHook(Look):
    """Fill the deploy rollback command's placeholders and find its program, without running it."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The command that a rollback would run."""

    argv: tuple[str, ...]
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Purge(Act):
    """Set the next generations, and take the scope's keys out, into a snapshot first.

    `treatments` names each pattern with what becomes of its keys, as `treatments_of` does; none: all are captured.
    """

    patterns: tuple[str, ...]
    plan_hash: str
    planned_keys: int
    treatments: tuple[tuple[str, str], ...] = ()
    generations: tuple[Generation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Purged:
    """What a purge did; `left` is what a last count still found, in a second pass after a short wait.

    `old` of them hold what the snapshot holds; None where that was not compared. `warmed` pages were fetched.
    `deleted` keys are in no snapshot; those of `soft` patterns still stand, and expire within the seconds named.
    """

    snapshot_id: str | None
    taken: int
    left: int
    seconds: float
    bytes: int
    quarantined: int = 0
    waves: int = 1
    old: int | None = 0
    warmed: int = 0
    deleted: int = 0
    soft: tuple[tuple[str, int], ...] = ()
    generations: tuple[str, ...] = ()


Wish = Fetch | Count | ProveSnapshot | ResolveHook | Purge
Seen = Fetched | Counted | Proved | Resolved | Purged


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything a step may know. `nonce` is 12 hex digits made for this run; `baseline` is what `remember` kept.

    `release` and `step` are None for a look outside a release; then `earlier` is what looks before it saw, newest
    first, and `samples` how many requests somebody asked for. `beside` is what `keep_beside` kept.
    """

    app_name: str
    environment_name: str
    app: App
    environment: Environment
    routes: tuple[tuple[str, Route], ...]
    nonce: str
    release: Release | None = None
    step: StepLine | None = None
    baseline: Json | None = None
    plan: Plan | None = None
    snapshot_id: str | None = None
    earlier: tuple[Measurement, ...] = ()
    samples: int | None = None
    beside: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The sensible text a checklist line starts with."""

    expected: str
    rollback_note: str


class Step(Protocol):
    """A checklist kind. Each file of this folder ends with `STEP: Step = …`.

    `order` places the kind in the checklist. `acts` is true where an approval starts `act` instead of ending the step.
    """

    kind: str
    order: int
    title: str
    acts: bool

    def texts(self, routes: tuple[tuple[str, Route], ...]) -> Texts:
        """Return the text the start form is filled with."""
        ...

    def baseline(self, job: Job) -> tuple[Wish, ...]:
        """Return what must be looked at before anything is purged."""
        ...

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Return what of the baseline is worth keeping: JSON, no secrets, no page bodies."""
        ...

    def plan(self, job: Job) -> tuple[Wish, ...]:
        """Return what to look at when the step is run."""
        ...

    def further(self, job: Job, seen: tuple[Seen, ...]) -> tuple[Wish, ...]:
        """Return what to look at once more before judging, where what was seen leaves it open; asked once."""
        ...

    def judge(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Return the verdict on what was seen, in the order of the wishes, and the further ones after them."""
        ...

    def act(self, job: Job) -> tuple[Purge, ...]:
        """Return what an approval starts; empty unless `acts`."""
        ...

    def look_before(self, job: Job) -> tuple[Fetch, ...]:
        """Return what to look at just before it is done."""
        ...

    def keep_beside(self, job: Job, seen: tuple[Fetched, ...]) -> Json:
        """Return what of the look before is worth keeping: JSON, no secrets, no page bodies."""
        ...

    def look_after(self, job: Job) -> tuple[Fetch, ...]:
        """Return what to look at just after it is done."""
        ...

    def judge_act(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Return the verdict on what was done, and on the looks after it in the order of their wishes."""
        ...


class LookOnly:
    """The half that most kinds share: no baseline, and an approval ends the step."""

    acts = False

    def further(self, job: Job, seen: tuple[Seen, ...]) -> tuple[Wish, ...]:
        """Return nothing: one look is enough."""
        return ()

    def baseline(self, job: Job) -> tuple[Wish, ...]:
        """Return nothing: there is no baseline."""
        return ()

    def remember(self, job: Job, seen: tuple[Seen, ...]) -> Json:
        """Return nothing: there is no baseline."""
        return {}

    def act(self, job: Job) -> tuple[Purge, ...]:
        """Return nothing: an approval ends the step."""
        return ()

    def look_before(self, job: Job) -> tuple[Fetch, ...]:
        """Return nothing: an approval ends the step."""
        return ()

    def keep_beside(self, job: Job, seen: tuple[Fetched, ...]) -> Json:
        """Return nothing: an approval ends the step."""
        return {}

    def look_after(self, job: Job) -> tuple[Fetch, ...]:
        """Return nothing: an approval ends the step."""
        return ()

    def judge_act(self, job: Job, seen: tuple[Seen, ...]) -> Verdict:
        """Never called: an approval ends the step."""
        raise NotImplementedError(job)
