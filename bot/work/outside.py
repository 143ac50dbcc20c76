"""The outside things as the work sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bot.release.generation import Generation
from bot.release.hook import Hook
from bot.release.pace import Tempo
from bot.release.plan import PatternCount
from bot.release.preview import Preview
from bot.release.soft import Soft
from bot.release.two_places import ServerFacts
from bot.release.waves import WHOLE, Wave
from bot.steps import Fetch, Fetched
from bot.work.outcomes import Copied, Proof, PurgeOutcome, RestoreOutcome, VerifyOutcome


class Keyspace(Protocol):
    """The keys of one environment."""

    def count(
        self, patterns: Sequence[str], *, sample: int = 20
    ) -> tuple[tuple[PatternCount, ...], int]:
        """Count what the patterns match, and all keys of the database; a sample of 0 measures nothing."""
        ...

    def preview(
        self, patterns: Sequence[str], *, others: Mapping[str, Sequence[str]], sample: int = 20
    ) -> Preview:
        """Return what a plan says; `others` are the patterns of the app's other routes, by route."""
        ...

    def purge(
        self,
        patterns: Sequence[str],
        snapshot: Any,
        *,
        stage: str,
        on_batch: Callable[[Any], None],
        wave: Wave = WHOLE,
        soft: Sequence[Soft] = (),
        tempo: Callable[[], Tempo] | None = None,
    ) -> PurgeOutcome:
        """Take the keys of a wave out into the snapshot; continues where an earlier run ended."""
        ...

    def drop(
        self,
        patterns: Sequence[str],
        *,
        on_batch: Callable[[Any], None],
        wave: Wave = WHOLE,
        tempo: Callable[[], Tempo] | None = None,
    ) -> int:
        """Delete the keys of a wave for good; return how many."""
        ...

    def clock_ms(self) -> int:
        """Return the server's Unix time in milliseconds."""
        ...

    def restore(
        self,
        snapshot: Any,
        *,
        on_batch: Callable[[Any], None],
        tempo: Callable[[], Tempo] | None = None,
    ) -> RestoreOutcome:
        """Put a snapshot's keys back where nothing fresher stands."""
        ...

    def verify(self, snapshot: Any, *, on_batch: Callable[[Any], None]) -> VerifyOutcome:
        """Compare the snapshot with the server."""
        ...

    def copy_sample(self, patterns: Sequence[str], token: str) -> Copied:
        """Copy a few keys of the scope under names of the bot's own."""
        ...

    def drop_copies(self, copied: Any) -> None:
        """Remove those copies."""
        ...

    def release_quarantine(self, stage: str) -> int:
        """Delete the large keys that a purge set aside; return how many."""
        ...

    def generation(self, key: str) -> Generation:
        """Return what a generation key holds."""
        ...

    def facts(self) -> ServerFacts:
        """Return what the server says of itself."""
        ...

    def set_generation(self, key: str, *, seen: int, new: int) -> Generation:
        """Set it where it holds `seen`; return what it held before."""
        ...


class Snapshots(Protocol):
    """Where snapshots are kept."""

    def writer(self, snapshot_id: str) -> Any:
        """Return a context manager that appends to a snapshot, new or half written."""
        ...

    def reader(self, snapshot_id: str) -> Any:
        """Return a snapshot for restoring; refuses a damaged one."""
        ...

    def ids(self) -> tuple[str, ...]:
        """Return the snapshots that are there."""
        ...

    def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot; one that is gone already is no error."""
        ...

    def prove(self, snapshot_id: str) -> Proof:
        """Check every segment against the manifest."""
        ...

    def command(self, snapshot_id: str, redis_url: str) -> str:
        """Return the shell line that restores it without the bot."""
        ...


class Probe(Protocol):
    """GETs pages of an environment."""

    def fetch(
        self,
        wish: Fetch,
        *,
        base_url: str,
        allow_private: bool,
        cookies: Mapping[str, str],
        on_progress: Callable[[int, int], None] | None = None,
        release: str | None = None,
    ) -> Fetched:
        """Fetch what the wish names; the requests name the release that they are for."""
        ...


class Ran(Protocol):
    """A command that ended."""

    @property
    def code(self) -> int:
        """Return its exit code."""
        ...

    @property
    def output(self) -> str:
        """Return the end of what it printed."""
        ...

    @property
    def ended(self) -> str:
        """Return how it ended where that was not well, as the end of a sentence."""
        ...


class DeployHook(Protocol):
    """The app's own rollback."""

    def resolve(self, hook: Hook, values: Mapping[str, str | None]) -> tuple[str, ...]:
        """Return what would be done, filled in and checked; nothing is done."""
        ...

    def run(self, hook: Hook, values: Mapping[str, str | None], *, key: str) -> Ran:
        """Do it to its end; `key` is the same for every time that one rollback does it."""
        ...

    def previous(self, hook: Hook, values: Mapping[str, str | None]) -> str | None:
        """Ask the app which version to go back to."""
        ...
