"""The keys of a Redis in memory: the same API, no server, no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.effects.keyspace.drill import Copied
from bot.effects.keyspace.restored import RestoreOutcome, RestoreProgress
from bot.effects.keyspace.verify import VerifyOutcome
from bot.effects.keyspace.walk import PurgeOutcome, PurgeProgress
from bot.effects.snapshots.frames import Captured
from bot.release.forecast import Traffic, forecast
from bot.release.generation import Generation, read_generation
from bot.release.pace import Tempo
from bot.release.plan import PatternCount
from bot.release.preview import Preview
from bot.release.scope import STAGING, check_purgeable, matches, scratch_prefix
from bot.release.soft import Soft
from bot.release.tally import Measured, Tally
from bot.release.two_places import ServerFacts
from bot.release.waves import PARTS, WHOLE, Wave

FOREVER = 10**15
NOW_MS = 1_800_000_000_000


@dataclass
class FakeKeyspace:
    """`keys` maps a key to its value and absolute expiry in milliseconds (0: never); nothing expires by itself.

    `meanwhile` is called after each 100 keys that a purge took, before its batch is told: what others do then.
    """

    keys: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)
    traffic: tuple[Traffic, Traffic] | None = None
    meanwhile: Callable[[int], None] = field(default=lambda done: None)
    waves: list[Wave] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    told: ServerFacts = field(default_factory=ServerFacts)

    def put(self, name: str, value: str = "x", expires_at: int = 0) -> None:
        """Write one key."""
        self.keys[name.encode()] = (value.encode(), expires_at)

    def count(
        self, patterns: Sequence[str], *, sample: int = 20
    ) -> tuple[tuple[PatternCount, ...], int]:
        """Return what each pattern matches; a key counts for its first pattern only."""
        return self._counts(patterns, {}, sample), len(self.keys)

    def preview(
        self, patterns: Sequence[str], *, others: Mapping[str, Sequence[str]], sample: int = 20
    ) -> Preview:
        """Return what a plan says; `traffic` are the two looks at the counters, if there are any."""
        counts = self._counts(patterns, others, sample)
        first, last = self.traffic or (None, None)
        size = sum(row.bytes for row in counts)
        return Preview(
            patterns=counts,
            database_keys=len(self.keys),
            forecast=forecast(
                keys=sum(row.keys for row in counts), size=size, first=first, last=last
            ),
        )

    def _counts(
        self, patterns: Sequence[str], others: Mapping[str, Sequence[str]], sample: int
    ) -> tuple[PatternCount, ...]:
        left = sorted(self.keys)
        counts: list[PatternCount] = []
        for pattern in patterns:
            check_purgeable(pattern)
            mine = [key for key in left if matches(pattern, key)]
            left = [key for key in left if key not in mine]
            tally = Tally(
                pattern=pattern, most=4_000 if sample else 0, sample=sample, others=others
            )
            tally.add(mine)
            counts.append(tally.finished([self._measured(key) for key in tally.lot.keys]))
        return tuple(counts)

    def _measured(self, key: bytes) -> Measured:
        value, expires_at = self.keys[key]
        rest = FOREVER if expires_at else -1
        return Measured(key=key, bytes=len(key) + len(value), rest_ms=rest, type="string")

    def purge(
        self,
        patterns: Sequence[str],
        snapshot: Any,
        *,
        stage: str,
        on_batch: Callable[[PurgeProgress], None],
        wave: Wave = WHOLE,
        soft: Sequence[Soft] = (),
        tempo: Callable[[], Tempo] | None = None,
    ) -> PurgeOutcome:
        """Move what matches in this wave into the snapshot, pattern by pattern."""
        drill = stage.startswith("drill-")
        if not drill:
            self.waves.append(wave)
        if not snapshot.sealed:
            snapshot.begin(stage=stage, patterns=tuple(patterns), server="fake", dump_format=1)
            for pattern in patterns:
                check_purgeable(pattern)
                mine = [
                    key for key in sorted(self.keys) if matches(pattern, key) and wave.holds(key)
                ]
                for first in range(0, max(1, len(mine)), 100):
                    records = [self._take(key) for key in mine[first : first + 100]]
                    if records:
                        snapshot.append(records, {pattern: len(records)})
                    if tempo is not None and not drill:
                        self.tempos.append(tempo())
                    done, size = snapshot.keys, snapshot.raw_bytes
                    if not drill:
                        self.meanwhile(done)
                    on_batch(PurgeProgress(done=done, total=0, scanned=done, bytes=size))
            for row in soft:
                self._soften(row, snapshot, wave)
            if wave.last == PARTS:
                snapshot.seal()
        return PurgeOutcome(
            taken=snapshot.keys, quarantined=0, bytes=snapshot.raw_bytes, seconds=0.0
        )

    def _take(self, key: bytes) -> Captured:
        value, expires_at = self.keys.pop(key)
        return Captured(key=key, expires_at=expires_at, dump=value)

    def _soften(self, soft: Soft, snapshot: Any, wave: Wave) -> None:
        for key in sorted(self.keys):
            value, expires_at = self.keys[key]
            meant = matches(soft.pattern, key) and wave.holds(key)
            if meant and not soft.is_target(key, expires_at):
                record = Captured(key=key, expires_at=expires_at, dump=value)
                snapshot.append([record], {soft.pattern: 1})
                self.keys[key] = (value, min(expires_at or FOREVER, soft.target(key)))

    def drop(
        self,
        patterns: Sequence[str],
        *,
        on_batch: Callable[[PurgeProgress], None],
        wave: Wave = WHOLE,
        tempo: Callable[[], Tempo] | None = None,
    ) -> int:
        """Delete what matches in this wave."""
        gone = [
            key
            for key in self.keys
            if wave.holds(key) and any(matches(pattern, key) for pattern in patterns)
        ]
        for key in gone:
            del self.keys[key]
        on_batch(PurgeProgress(done=len(gone), total=0, scanned=len(gone), bytes=0))
        return len(gone)

    def clock_ms(self) -> int:
        """Return a time that stands still."""
        return NOW_MS

    def copy_sample(self, patterns: Sequence[str], token: str) -> Copied:
        """Copy what matches, at most 200 keys."""
        prefix = scratch_prefix(token)
        mine = [key for key in sorted(self.keys) if any(matches(row, key) for row in patterns)]
        copies = {prefix.encode() + key: self.keys[key] for key in mine[:200]}
        self.keys |= copies
        return Copied(pattern=f"{prefix}*", names=tuple(copies), skipped=0)

    def drop_copies(self, copied: Copied) -> None:
        """Forget the copies."""
        for name in copied.names:
            self.keys.pop(name, None)

    def facts(self) -> ServerFacts:
        """Return what the test says."""
        return self.told

    def release_quarantine(self, stage: str) -> int:
        """Forget what stands under the staged names of a purge."""
        staged = [key for key in self.keys if key.startswith(f"{STAGING}{stage}:".encode())]
        for key in staged:
            del self.keys[key]
        return len(staged)

    def generation(self, key: str) -> Generation:
        """Return what a generation key holds."""
        held, _ = self.keys.get(key.encode(), (None, 0))
        return read_generation(key, held, str(self.used.get(key, 0)).encode())

    def set_generation(self, key: str, *, seen: int, new: int) -> Generation:
        """Set it where it holds `seen`."""
        found = self.generation(key)
        if found.number == seen:
            self.keys[key.encode()] = (str(new).encode(), self.keys[key.encode()][1])
            self.used[key] = max(self.used.get(key, 0), found.number, new)
        return found

    def restore(
        self,
        snapshot: Any,
        *,
        on_batch: Callable[[RestoreProgress], None],
        tempo: Callable[[], Tempo] | None = None,
    ) -> RestoreOutcome:
        """Put back what is not there."""
        for record in self._records(snapshot, on_batch):
            self.keys.setdefault(record.key, (record.dump, record.expires_at))
        found = self.verify(snapshot, on_batch=lambda batch: None)
        return RestoreOutcome(
            restored=found.equal, kept_fresher=found.different, expired=0, failed=0, seconds=0.0
        )

    def verify(
        self, snapshot: Any, *, on_batch: Callable[[RestoreProgress], None]
    ) -> VerifyOutcome:
        """Compare value and expiry."""
        records = self._records(snapshot, on_batch)
        there = [(row, self.keys.get(row.key)) for row in records]
        missing = sum(found is None for _, found in there)
        equal = sum(found == (row.dump, row.expires_at) for row, found in there)
        fresher = sum(found is not None and found[0] != row.dump for row, found in there)
        different = len(there) - missing - equal
        return VerifyOutcome(
            equal=equal, different=different, missing=missing, expired=0, fresher=fresher
        )

    def _records(
        self, snapshot: Any, on_batch: Callable[[RestoreProgress], None]
    ) -> list[Captured]:
        records = [record for batch in snapshot.batches() for record in batch]
        on_batch(RestoreProgress(done=len(records), total=len(records)))
        return records
