"""Counts, key by key, whether the server holds again what a snapshot holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.effects.keyspace.compare import Finding, compare
from bot.effects.keyspace.expiry import server_now_ms
from bot.effects.keyspace.restored import RestoreProgress
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.windows import windows
from bot.effects.snapshots.reader import SnapshotReader


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
    servers: Servers,
    snapshot: SnapshotReader,
    on_batch: Callable[[RestoreProgress], None],
) -> VerifyOutcome:
    """Compare content and absolute expiry of every key of the snapshot with the server."""
    counts: Counter[Finding] = Counter()
    total = snapshot.keys + len(snapshot.aside)
    for batch in snapshot.batches():
        now_ms = server_now_ms(servers.first.link)
        for node, mine in servers.parted(batch, lambda record: record.key):
            for window in windows(iter(mine)):
                counts.update(compare(node.link, node.found, window, now_ms))
        on_batch(RestoreProgress(done=counts.total(), total=total))
    fresher = counts[Finding.OTHER_CONTENT]
    return VerifyOutcome(
        equal=counts[Finding.EQUAL],
        different=fresher + counts[Finding.OTHER_EXPIRY],
        missing=counts[Finding.MISSING],
        expired=counts[Finding.EXPIRED],
        fresher=fresher,
    )
