"""Counts, key by key, whether the server holds again what a snapshot holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.effects.redis_abilities import Abilities
from bot.effects.redis_compare import Finding, compare
from bot.effects.redis_connect import RedisLink
from bot.effects.redis_expiry import server_now_ms
from bot.effects.redis_restore import RestoreProgress
from bot.effects.redis_windows import windows
from bot.effects.snapshot_reader import SnapshotReader


@dataclass(frozen=True, kw_only=True)
class VerifyOutcome:
    """What the comparison found; `fresher` of the `different` keys hold other content, the rest another expiry.

    A restored value carries a checksum, so other content was written by someone since.
    """

    equal: int
    different: int
    missing: int
    expired: int
    fresher: int


def verify_snapshot(
    link: RedisLink,
    found: Abilities,
    snapshot: SnapshotReader,
    on_batch: Callable[[RestoreProgress], None],
) -> VerifyOutcome:
    """Compare content and absolute expiry of every key of the snapshot with the server."""
    counts: Counter[Finding] = Counter()
    total = snapshot.keys + len(snapshot.aside)
    for batch in snapshot.batches():
        now_ms = server_now_ms(link)
        for window in windows(iter(batch)):
            counts.update(compare(link, found, window, now_ms))
        on_batch(RestoreProgress(done=counts.total(), total=total))
    fresher = counts[Finding.OTHER_CONTENT]
    return VerifyOutcome(
        equal=counts[Finding.EQUAL],
        different=fresher + counts[Finding.OTHER_EXPIRY],
        missing=counts[Finding.MISSING],
        expired=counts[Finding.EXPIRED],
        fresher=fresher,
    )
