"""The keys of one Redis: counted, taken out into a snapshot, put back, compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from bot.effects.keyspace.bites import measure
from bot.effects.keyspace.count import count_scope, estimate_bytes
from bot.effects.keyspace.drill import Copied, copy_sample, drill_stage, drop_copies
from bot.effects.keyspace.drop import Dropping
from bot.effects.keyspace.expiry import server_now_ms
from bot.effects.keyspace.generation import GenerationKeys
from bot.effects.keyspace.naming import check_stage
from bot.effects.keyspace.pacer import Pacer
from bot.effects.keyspace.preview import preview_scope
from bot.effects.keyspace.pulse import pulse_of
from bot.effects.keyspace.purge import Order, Purge
from bot.effects.keyspace.reconcile import release_staged
from bot.effects.keyspace.restore import Restoring
from bot.effects.keyspace.restored import RestoreOutcome, RestoreProgress
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.verify import VerifyOutcome, verify_snapshot
from bot.effects.keyspace.walk import PurgeOutcome, PurgeProgress
from bot.effects.keyspace.wanted import wanted_by
from bot.effects.snapshots.reader import SnapshotReader
from bot.effects.snapshots.writer import SnapshotWriter
from bot.release.pace import TEMPO, UNLIMITED, Pace, Tempo
from bot.release.plan import PatternCount
from bot.release.preview import Preview
from bot.release.scope import check_purgeable
from bot.release.soft import Soft
from bot.release.waves import PARTS, WHOLE, Wave

PATIENCE_S = 5.0  # a rollback is not kept waiting for long: people miss what it puts back


class RedisKeyspace(GenerationKeys):
    """The Redis or Valkey behind one address; each call opens its own connection and closes it."""

    def __init__(self, url: str, *, replica: str | None = None, most: Tempo = UNLIMITED) -> None:
        """Take the address, as Servers reads it; previews are read from the replica, where there is one.

        `most` is a ceiling for every tempo.
        """
        self._url = url
        self._replica = replica
        self._most = most

    def describe(self) -> str:
        """Return what server this is; Refusal where the bot may not work on it."""
        with Servers(self._url) as servers:
            found, number = servers.first.found, len(servers.nodes)
        where = f"cluster of {number} primaries, " if servers.clustered else ""
        lacks = "".join(f"; without {line}" for line in found.lacks())
        return f"{where}{found.server}, DUMP format {found.dump_format}{lacks}"

    def count(
        self, patterns: Sequence[str], *, sample: int = 20
    ) -> tuple[tuple[PatternCount, ...], int]:
        """Return what each pattern matches now, and the number of all keys of the database.

        With a `sample` of 0 the keys are counted and not measured: their bytes and expiries stay 0.
        """
        _check(patterns)
        with Servers(self._url, only_looks=True) as servers:
            return count_scope(servers, patterns, sample=sample)

    def preview(
        self, patterns: Sequence[str], *, others: Mapping[str, Sequence[str]], sample: int = 20
    ) -> Preview:
        """Return what a plan says; `others` are the patterns of the app's other routes, by route."""
        _check(patterns)
        with Servers(self._url, only_looks=True) as servers:
            return preview_scope(servers, self._replica, patterns, others, sample=sample)

    def purge(
        self,
        patterns: Sequence[str],
        snapshot: SnapshotWriter,
        *,
        stage: str,
        on_batch: Callable[[PurgeProgress], None],
        wave: Wave = WHOLE,
        soft: Sequence[Soft] = (),
        tempo: Callable[[], Tempo] | None = None,
    ) -> PurgeOutcome:
        """Take every matching key of the wave out, into the snapshot first; a purge that was cut short is continued.

        Keys of the `soft` patterns are copied, and expire soon. `stage` names the purge, and its staged keys on
        the server. `on_batch` may raise to stop: what was taken until then is in the snapshot, which the last
        wave seals; a sealed one is only reported. `tempo` is asked again and again; without it the pace is normal.
        """
        every = (*patterns, *(row.pattern for row in soft))
        _check(every)
        begun = time.monotonic()
        check_stage(stage)
        if snapshot.sealed:
            return _outcome(snapshot, begun)
        with Servers(self._url) as servers:
            if every and snapshot.keys == 0:
                snapshot.refuse_over(sum(estimate_bytes(row, every) for row in servers.links))
            snapshot.begin(
                stage=stage,
                patterns=every,
                server=servers.first.found.server,
                dump_format=servers.first.found.dump_format,
                first=wave.first,
            )
            order = Order(
                patterns=patterns,
                soft=soft,
                wave=wave,
                tempo=self._within(tempo),
                naming=servers.naming(stage),
            )
            work = Purge(servers, snapshot, order, on_batch)
            work.run()
            if wave.last == PARTS:
                snapshot.seal()
            else:
                snapshot.settle(wave.last)
        return _outcome(snapshot, begun, work.requests)

    def drop(
        self,
        patterns: Sequence[str],
        *,
        on_batch: Callable[[PurgeProgress], None],
        wave: Wave = WHOLE,
        tempo: Callable[[], Tempo] | None = None,
    ) -> int:
        """Take every matching key of the wave out for good, and return how many that were."""
        _check(patterns)
        with Servers(self._url) as servers:
            wanted = wanted_by(patterns, wave)
            return Dropping(servers, wanted, self._within(tempo), on_batch).run()

    def clock_ms(self) -> int:
        """Return the server's Unix time in milliseconds."""
        with Servers(self._url, only_looks=True) as servers:
            return server_now_ms(servers.first.link)

    def release_quarantine(self, stage: str) -> int:
        """Delete the large keys that a purge set aside; after this they cannot be restored. Return how many."""
        check_stage(stage)
        with Servers(self._url) as servers:
            return sum(release_staged(node.link, servers.naming(stage)) for node in servers.nodes)

    def restore(
        self,
        snapshot: SnapshotReader,
        *,
        on_batch: Callable[[RestoreProgress], None],
        tempo: Callable[[], Tempo] | None = None,
    ) -> RestoreOutcome:
        """Put a snapshot's keys back with their absolute expiry, never over a key that stands there."""
        at = self._within(tempo)
        with Servers(self._url) as servers:
            bites = measure(servers.first.link, at)
            with pulse_of(servers.links, patience_s=PATIENCE_S) as pulse:
                return Restoring(servers, snapshot, bites, Pacer(at, pulse)).run(on_batch)

    def verify(
        self, snapshot: SnapshotReader, *, on_batch: Callable[[RestoreProgress], None]
    ) -> VerifyOutcome:
        """Compare content and absolute expiry of a snapshot's keys with the server."""
        with Servers(self._url) as servers:
            return verify_snapshot(servers, snapshot, on_batch)

    def _within(self, tempo: Callable[[], Tempo] | None) -> Callable[[], Tempo]:
        return lambda: (TEMPO[Pace.NORMAL] if tempo is None else tempo()).within(self._most)

    def copy_sample(self, patterns: Sequence[str], token: str) -> Copied:
        """Copy at most 200 keys of a scope under names of the bot's own, for a drill; they expire by themselves."""
        _check(patterns)
        with Servers(self._url) as servers:
            naming = servers.naming(drill_stage(token))
            return copy_sample(servers.first.link, naming, patterns)

    def drop_copies(self, copied: Copied) -> None:
        """Remove the copies that a drill made."""
        with Servers(self._url) as servers:
            drop_copies(servers.first.link, copied)


def _outcome(snapshot: SnapshotWriter, begun: float, requests: int = 0) -> PurgeOutcome:
    aside = len(snapshot.aside)
    return PurgeOutcome(
        taken=snapshot.keys + aside,
        quarantined=aside,
        bytes=snapshot.raw_bytes,
        seconds=time.monotonic() - begun,
        requests=requests,
    )


def _check(patterns: Sequence[str]) -> None:
    for pattern in patterns:
        check_purgeable(pattern)
