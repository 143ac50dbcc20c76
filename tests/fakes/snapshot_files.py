"""Snapshots in memory: the same API as the folders, no disk, no signatures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from bot.effects.snapshots.files import Proof
from bot.effects.snapshots.frames import Captured, Record, SetAside, Span, records_in, spans_in
from bot.release.refusal import Code, Refusal


@dataclass
class FakeSnapshot(AbstractContextManager["FakeSnapshot"]):
    """One snapshot, writer and reader in one; `problem` is what a proof finds wrong."""

    id: str
    taken: list[tuple[Record, ...]] = field(default_factory=list)
    patterns: tuple[str, ...] = ()
    stage: str = ""
    dump_format: int = 0
    sealed: bool = False
    settled: bool = True
    problem: str | None = None

    def __exit__(self, *trouble: object) -> None:
        """Let go."""

    @property
    def keys(self) -> int:
        """Return the captured keys."""
        return sum(isinstance(row, Captured) for batch in self.taken for row in batch)

    @property
    def aside(self) -> tuple[SetAside, ...]:
        """Return the large keys."""
        return tuple(row for batch in self.taken for row in batch if isinstance(row, SetAside))

    @property
    def raw_bytes(self) -> int:
        """Return the bytes captured."""
        return sum(len(row.frame()) for batch in self.taken for row in batch)

    def begin(
        self,
        *,
        stage: str,
        patterns: tuple[str, ...],
        server: str,
        dump_format: int,
        first: int = 0,
    ) -> None:
        """Write down what is about to be taken."""
        self.stage, self.patterns, self.dump_format = stage, patterns, dump_format

    def found_recent(self) -> bytes:
        """Return the commands of the last two batches."""
        return b"".join(row.frame() for batch in self.taken[-2:] for row in batch)

    def refuse_over(self, expected: int) -> None:
        """Take any size."""

    def append(self, records: Sequence[Record], counts: Mapping[str, int]) -> None:
        """Keep one batch."""
        self.taken.append(tuple(records))

    def append_frames(
        self, captured: Sequence[bytes], aside: Sequence[SetAside], counts: Mapping[str, int]
    ) -> None:
        """Keep one batch of commands."""
        self.append([*records_in(b"".join(captured)), *aside], counts)

    def count_run(self) -> None:
        """Look for the same keys once more."""

    def settle(self, reached: int) -> None:
        """End a wave."""

    def seal(self) -> None:
        """End it."""
        self.sealed = True

    def frames(self) -> Iterator[tuple[bytes, Iterator[Span]]]:
        """Yield the commands of what was kept."""
        for batch in self.taken:
            frames = b"".join(row.frame() for row in batch)
            yield frames, spans_in(frames)

    def batches(self) -> Iterator[tuple[Record, ...]]:
        """Yield what was kept."""
        yield from self.taken


@dataclass
class FakeSnapshots:
    """All snapshots of a test; `kept` may be looked into and changed."""

    kept: dict[str, FakeSnapshot] = field(default_factory=dict)

    def writer(self, snapshot_id: str) -> Any:
        """Return a snapshot, new or half written."""
        return self.kept.setdefault(snapshot_id, FakeSnapshot(id=snapshot_id))

    def reader(self, snapshot_id: str) -> Any:
        """Return a snapshot; refuse one that is damaged or not there."""
        proof = self.prove(snapshot_id)
        if proof.problem is None:
            return self.kept[snapshot_id]
        code = Code.SNAPSHOT_DAMAGED if snapshot_id in self.kept else Code.SNAPSHOT_EXPIRED
        raise Refusal(
            code=code, failed=proof.problem, expected="a whole snapshot.", retry_is_safe=True
        )

    def prove(self, snapshot_id: str) -> Proof:
        """Return what `problem` says."""
        found = self.kept.get(snapshot_id)
        if found is None:
            return Proof(keys=0, bytes=0, problem=f"There is no snapshot {snapshot_id}.")
        keys = found.keys + len(found.aside)
        return Proof(keys=keys, bytes=found.raw_bytes, problem=found.problem)

    def ids(self) -> tuple[str, ...]:
        """Return the names, sorted."""
        return tuple(sorted(self.kept))

    def delete(self, snapshot_id: str) -> None:
        """Forget a snapshot."""
        self.kept.pop(snapshot_id, None)

    def command(self, snapshot_id: str, redis_url: str) -> str:
        """Return a shell line."""
        return f"zstd -dc var/{snapshot_id}/segment-*.resp.zst | redis-cli --pipe"
