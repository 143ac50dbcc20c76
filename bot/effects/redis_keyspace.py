"""The keys of one Redis: counted, taken out into a snapshot, put back, compared."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence

from bot.effects.redis_abilities import Abilities, try_abilities
from bot.effects.redis_capture import PurgeOutcome, PurgeProgress, Walk
from bot.effects.redis_connect import RedisLink
from bot.effects.redis_count import count_scope, estimate_bytes
from bot.effects.redis_preview import preview_scope
from bot.effects.redis_reconcile import reconcile_staged, staged_pages
from bot.effects.redis_restore import RestoreOutcome, RestoreProgress, Restoring
from bot.effects.redis_slices import ScriptSlicer, Slicer
from bot.effects.redis_slices_plain import PlainSlicer
from bot.effects.redis_staging import Staging, staged_prefix
from bot.effects.redis_verify import VerifyOutcome, verify_snapshot
from bot.effects.snapshot_reader import SnapshotReader
from bot.effects.snapshot_writer import SnapshotWriter
from bot.release.pace import Tempo
from bot.release.plan import PatternCount
from bot.release.preview import Preview
from bot.release.refusal import Code, Refusal
from bot.release.scope import check_pattern
from bot.release.waves import PARTS, WHOLE, Wave

STAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RedisKeyspace:
    """One Redis or Valkey server; each call opens its own connection and closes it."""

    def __init__(
        self,
        url: str,
        *,
        budget_us: int = 500,
        duty: float = 0.8,
        scripts: bool = True,
        replica: str | None = None,
    ) -> None:
        """Take the microseconds one slice may keep the server, and the share of the time slices may take.

        `scripts` false leaves EVAL alone even where the server allows it. `replica` is the URL of a replica that
        previews are read from.
        """
        self._url = url
        self._replica = replica
        self._budget_us = budget_us
        self._duty = duty
        self._scripts = scripts

    def describe(self) -> str:
        """Return what server this is and whether it runs scripts; Refusal where the bot may not work on it."""
        with RedisLink(self._url) as link:
            found = try_abilities(link, scripts=self._scripts)
        how = "scripts" if found.scripts else "pipelines, since EVAL is not allowed"
        return f"{found.server}, DUMP format {found.dump_format}, {how}"

    def count(
        self, patterns: Sequence[str], *, sample: int = 20
    ) -> tuple[tuple[PatternCount, ...], int]:
        """Return what each pattern matches now, and the number of all keys of the database.

        With a `sample` of 0 the keys are counted and not measured: their bytes and expiries stay 0.
        """
        _check(patterns)
        with RedisLink(self._url) as link:
            return count_scope(link, patterns, sample=sample)

    def preview(
        self, patterns: Sequence[str], *, others: Mapping[str, Sequence[str]], sample: int = 20
    ) -> Preview:
        """Return what a plan says; `others` are the patterns of the app's other routes, by route."""
        _check(patterns)
        with RedisLink(self._url) as link:
            return preview_scope(link, self._replica, patterns, others, sample=sample)

    def purge(
        self,
        patterns: Sequence[str],
        snapshot: SnapshotWriter,
        *,
        stage: str,
        on_batch: Callable[[PurgeProgress], None],
        wave: Wave = WHOLE,
        tempo: Callable[[], Tempo] | None = None,
    ) -> PurgeOutcome:
        """Take every matching key of the wave out, into the snapshot first; a purge that was cut short is continued.

        `stage` names the purge, and its staged keys on the server. `on_batch` may raise to stop: what was
        taken until then is in the snapshot, which the last wave seals; a sealed one is only reported. `tempo`
        is asked again and again, so that the pace may change meanwhile; without it the pace is normal.
        """
        _check(patterns)
        begun = time.monotonic()
        prefix = _prefix_of(stage)
        if snapshot.sealed:
            return _outcome(snapshot, begun)
        with RedisLink(self._url) as link:
            found = try_abilities(link, scripts=self._scripts)
            if snapshot.keys == 0:
                snapshot.refuse_over(estimate_bytes(link, patterns))
            snapshot.begin(
                stage=stage,
                patterns=tuple(patterns),
                server=found.server,
                dump_format=found.dump_format,
            )
            with Staging(link, self._slicer(link, found, prefix), snapshot, prefix) as staging:
                walk = Walk(staging, snapshot, duty=self._duty, on_batch=on_batch)
                reconcile_staged(link, found, snapshot, staging, prefix)
                walk.take(patterns, wave)
                staging.make_durable()
                walk.tell()
            if wave.last == PARTS:
                snapshot.seal()
        return _outcome(snapshot, begun, walk, staging.strangers)

    def reconcile(self, stage: str, snapshot: SnapshotWriter) -> int:
        """Make durable what a killed purge left under its staged names; return how many keys that were."""
        prefix = _prefix_of(stage)
        with RedisLink(self._url) as link:
            found = try_abilities(link, scripts=False)
            with Staging(link, PlainSlicer(link, found, prefix), snapshot, prefix) as staging:
                return reconcile_staged(link, found, snapshot, staging, prefix)

    def release_quarantine(self, stage: str) -> int:
        """Delete the large keys that a purge set aside; after this they cannot be restored. Return how many."""
        prefix = _prefix_of(stage)
        with RedisLink(self._url) as link:
            pages = staged_pages(link, prefix)
            return sum(int(link.call("UNLINK", *page)) for page in pages)

    def restore(
        self,
        snapshot: SnapshotReader,
        *,
        on_batch: Callable[[RestoreProgress], None],
        tempo: Callable[[], Tempo] | None = None,
    ) -> RestoreOutcome:
        """Put a snapshot's keys back with their absolute expiry, never over a key that stands there."""
        with RedisLink(self._url) as link:
            found = try_abilities(link, scripts=False)
            return Restoring(link, found, snapshot).run(on_batch)

    def verify(
        self, snapshot: SnapshotReader, *, on_batch: Callable[[RestoreProgress], None]
    ) -> VerifyOutcome:
        """Compare content and absolute expiry of a snapshot's keys with the server."""
        with RedisLink(self._url) as link:
            return verify_snapshot(link, try_abilities(link, scripts=False), snapshot, on_batch)

    def _slicer(self, link: RedisLink, found: Abilities, prefix: bytes) -> Slicer:
        if found.scripts:
            return ScriptSlicer(link, found, prefix, self._budget_us)
        return PlainSlicer(link, found, prefix)


def _outcome(
    snapshot: SnapshotWriter, begun: float, walk: Walk | None = None, strangers: int = 0
) -> PurgeOutcome:
    aside = len(snapshot.aside)
    return PurgeOutcome(
        taken=snapshot.keys + aside,
        quarantined=aside,
        bytes=snapshot.raw_bytes,
        seconds=time.monotonic() - begun,
        strangers=strangers,
        slices=walk.slices if walk else 0,
        slowest_us=walk.slowest_us if walk else 0,
    )


def _check(patterns: Sequence[str]) -> None:
    for pattern in patterns:
        check_pattern(pattern)


def _prefix_of(stage: str) -> bytes:
    if STAGE.fullmatch(stage):
        return staged_prefix(stage)
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed="This is no name for a purge.",
        expected="letters, digits and . _ - , starting with a letter or digit, at most 64.",
        retry_is_safe=True,
    )
