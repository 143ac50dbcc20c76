"""What the work leans on: the ledger, the outside things, and a few limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.commands import Clock, Ledger
from bot.release.catalog import Catalog
from bot.release.forecast import Traffic
from bot.release.large_purge import USUAL, LargePurge
from bot.release.people import Person
from bot.release.records import Action, Json, Release
from bot.release.watch_plan import OFF, WatchPlan
from bot.steps import Step
from bot.work.outside import DeployHook, Keyspace, Probe, Snapshots


class WorkLedger(Ledger, Protocol):
    """The ledger as the workers need it."""

    def start_action(self, key: str, at: datetime) -> Action | None:
        """Mark it running and raise its fence; None where it has ended."""
        ...

    def progress(
        self, key: str, fence: int, progress: Json, at: datetime, *, cards: Sequence[str] = ()
    ) -> bool:
        """Record how far it is; False where a newer run took over or it has ended."""
        ...

    def release(self, release_id: int) -> Release | None:
        """Return one release, without what belongs to it."""
        ...

    def op_step(self, action_key: str, name: str) -> str | None:
        """Return the state of one effect that must not happen twice."""
        ...

    def op_begin(self, action_key: str, name: str, at: datetime) -> bool:
        """Record that the effect starts; False where it was started before."""
        ...

    def op_end(self, action_key: str, name: str, state: str, detail: str, at: datetime) -> None:
        """Record how the effect ended."""
        ...

    def baseline(self, release_id: int, kind: str) -> Json | None:
        """Return what was measured before anything was purged."""
        ...


def by_the_catalog(user: str) -> Person:
    """Return the person without any group: what is known of them where Slack cannot be asked."""
    return Person(id=user)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything the work leans on. `secrets` maps `env:NAME` to its value.

    `quiet_s` is the wait before a purge counts what came back: a request that was under way when the last key
    went has ended by then. `watch` says how a release is watched after its last step, and `traffic` gives what an
    environment's Redis has counted so far. `who` looks a person up just before a purge, and refuses those who left.
    `large` says from where on a purge needs one approval more.
    """

    catalog: Catalog
    secrets: Mapping[str, str]
    ledger: WorkLedger
    clock: Clock
    steps: Mapping[str, Step]
    keyspace: Callable[[str, str], Keyspace]
    snapshots: Snapshots
    probe: Probe
    hook: DeployHook
    nonce: Callable[[], str]
    drift_limit: float = 0.20
    snapshot_life: timedelta = timedelta(days=7)
    quiet_s: float = 5.0
    watch: WatchPlan = OFF
    traffic: Callable[[str, str], Traffic | None] = lambda app, environment: None
    who: Callable[[str], Person] = by_the_catalog
    large: LargePurge = USUAL
