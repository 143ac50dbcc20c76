"""Appends what is taken out to a snapshot, durable batch by durable batch."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from bot.effects.snapshots.appending import append_batch
from bot.effects.snapshots.batches import Chain, draft
from bot.effects.snapshots.cipher import NAME as CIPHER
from bot.effects.snapshots.disk import (
    SnapshotLimits,
    free_bytes,
    hold_folder,
    too_large,
    unwritable,
)
from bot.effects.snapshots.frames import Captured, Record, SetAside
from bot.effects.snapshots.key import SnapshotKeys
from bot.effects.snapshots.manifest import Manifest, describe_segment, names_of, write_manifest
from bot.effects.snapshots.proof import Contents, read_proven, segments_of


class SnapshotWriter(AbstractContextManager["SnapshotWriter"]):
    """One snapshot, new or half written; only one process at a time may hold it."""

    def __init__(
        self, folder: Path, *, keys: SnapshotKeys, limits: SnapshotLimits, created_at: str
    ) -> None:
        """Take the snapshot's folder, named like the snapshot; nothing is touched before `with`."""
        self.id, self._folder, self._keys = folder.name, folder, keys
        self._cipher, self._limits, self._created_at = keys.cipher(self.id), limits, created_at
        self._chain = Chain(keys.hmac, self.id)
        self._manifest: Manifest | None = None
        self._contents = Contents()
        self._lock = -1
        self._one_at_a_time = threading.Lock()
        self.settled = True
        """Whether no earlier run can have left keys staged; known once it is begun."""

    def __enter__(self) -> SnapshotWriter:
        """Lock the folder, prove what is there and cut a torn end off."""
        self._lock = hold_folder(self._folder)
        try:
            self._manifest, self._contents = read_proven(self._folder, self._keys)
            self._cut_torn_end()
        except BaseException:
            os.close(self._lock)
            raise
        if self._contents.recent:
            self._chain.accept(self._contents.recent[-1].note.mac)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the folder go; what was appended is durable already."""
        os.close(self._lock)

    @property
    def keys(self) -> int:
        """Return the keys in the segments, those of earlier runs included."""
        return self._contents.keys

    @property
    def aside(self) -> tuple[SetAside, ...]:
        """Return the large keys that stay on the server."""
        return tuple(self._contents.aside)

    @property
    def raw_bytes(self) -> int:
        """Return the bytes captured, before compression."""
        return self._contents.raw

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return the key patterns it was begun with."""
        return () if self._manifest is None else self._manifest.patterns

    @property
    def _begun(self) -> Manifest:
        assert self._manifest is not None, "a snapshot is begun first"
        return self._manifest

    @property
    def sealed(self) -> bool:
        """Return whether the purge came to its end."""
        return self._manifest is not None and self._manifest.sealed

    def found_recent(self) -> bytes:
        """Return the commands of the last two batches that were there when it was opened."""
        return b"".join(batch.frames() for batch in self._contents.recent)

    def begin(
        self,
        *,
        stage: str,
        patterns: tuple[str, ...],
        server: str,
        dump_format: int,
        first: int = 0,
    ) -> None:
        """Write down what is taken from which part on: one run more, unless it goes on where a wave came to its end."""
        old = self._manifest
        self.settled = old is None or old.settled
        goes_on = old is not None and old.settled and old.reached == first
        self._keep(
            Manifest(
                snapshot=self.id,
                created_at=self._created_at if old is None else old.created_at,
                stage=stage,
                patterns=patterns,
                server=server,
                dump_format=dump_format,
                runs=1 if old is None else old.runs + (not goes_on),
                encrypted=CIPHER if self._cipher else "",
                key_id=self._keys.key_id,
            )
        )

    def refuse_over(self, expected: int) -> None:
        """Refuse, before anything is taken, what would not fit under the limit or on the disk."""
        if expected > self._limits.max_bytes:
            raise too_large(self.id, expected, self._limits.max_bytes)
        if expected > free_bytes(self._folder):
            raise unwritable(self.id, OSError(f"about {expected:,} bytes are not free"))

    def append(self, records: Sequence[Record], counts: Mapping[str, int]) -> None:
        """Make records durable; when this returns they survive a crash. `counts` is captured keys by pattern."""
        aside = [record for record in records if isinstance(record, SetAside)]
        captured = [record.frame() for record in records if isinstance(record, Captured)]
        self.append_frames(captured, aside, counts)

    def append_frames(
        self, captured: Sequence[bytes], aside: Sequence[SetAside], counts: Mapping[str, int]
    ) -> None:
        """Do the same with commands that are bytes already; the large keys follow them."""
        frames = b"".join((*captured, *(record.frame() for record in aside)))
        plain = draft(frames, counts, len(aside), self._cipher)
        with self._one_at_a_time:
            append_batch(
                self._folder, plain, self._contents, self._chain, self._cipher, self._limits
            )
            self._contents.aside += aside

    def count_run(self) -> None:
        """Write down that the same keys are looked for once more: one may be in it twice then."""
        with self._one_at_a_time:
            self._keep(replace(self._begun, runs=self._begun.runs + 1))

    def settle(self, reached: int) -> None:
        """Write down that a wave came to its end, with nothing left staged."""
        self._keep(replace(self._begun, settled=True, reached=reached))

    def seal(self) -> None:
        """Write the manifest of a purge that came to its end."""
        found = self._contents
        segments = tuple(
            describe_segment(path, found.keys_in.get(path.name, 0), self._keys.hmac)
            for path in segments_of(self._folder)
        )
        self._keep(
            replace(
                self._begun,
                sealed=True,
                settled=True,
                keys=found.keys,
                raw_bytes=found.raw,
                bytes=found.bytes,
                counts=dict(found.counts),
                quarantined=() if self._cipher else names_of(found.aside),
                segments=segments,
            )
        )

    def _keep(self, manifest: Manifest) -> None:
        try:
            write_manifest(self._folder, manifest, self._keys.hmac)
        except OSError as error:
            raise unwritable(self.id, error) from error
        self._manifest = manifest

    def _cut_torn_end(self) -> None:
        if self._contents.torn is not None:
            path, end = self._contents.torn
            try:
                self._contents.bytes -= path.stat().st_size - end
                os.truncate(path, end)
            except OSError as error:
                raise unwritable(self.id, error) from error
