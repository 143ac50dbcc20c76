"""Deletes the snapshots whose time is over, and the large keys that stand on the server for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.release.records import SnapshotRow, Story
from bot.release.refusal import Refusal
from bot.release.states import LIVE
from bot.work.outside import Keyspace, Snapshots

log = logging.getLogger(__name__)


class Retention(Protocol):
    """The ledger as the expiry of snapshots needs it."""

    def expired_snapshots(self, at: datetime) -> tuple[SnapshotRow, ...]:
        """Return the snapshots whose time is over and that are not marked expired yet."""
        ...

    def snapshot_state(self, snapshot_id: str, state: str, at: datetime) -> None:
        """Record the state of a snapshot."""
        ...

    def story(self, release_id: int) -> Story | None:
        """Return the release that a snapshot belongs to."""
        ...


def expire_snapshots(
    ledger: Retention,
    snapshots: Snapshots,
    keyspace: Callable[[str, str], Keyspace],
    at: datetime,
) -> None:
    """Delete what expired; the row stays and says so.

    What a live release may still need is kept. A server that cannot be reached is tried again at the next call:
    without the row nobody would know of the large keys that wait there.
    """
    for row in ledger.expired_snapshots(at):
        story = ledger.story(row.release_id)
        if story is None or story.release.state in LIVE:
            continue
        try:
            large = keyspace(story.release.app, story.release.environment).release_quarantine(
                row.id
            )
        except KeyError:
            log.warning("%s expired; its app left the catalog, and with it its server", row.id)
        except Refusal as refusal:
            log.warning("%s expired, and is kept until its server answers: %s", row.id, refusal)
            continue
        else:
            log.info("%s expired; %d large keys went with it", row.id, large)
        ledger.snapshot_state(row.id, "expired", at)
        snapshots.delete(row.id)
