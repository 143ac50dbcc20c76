"""Gives keys their live names again that a purge left staged when it was cut short."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis.exceptions import ResponseError

from bot.effects.redis_connect import RedisLink
from bot.effects.redis_reconcile import staged_pages
from bot.effects.redis_staging import staged_prefix
from bot.effects.snapshot_reader import SnapshotReader
from bot.release.scope import show_key

MOST_ERRORS = 20


@dataclass
class Tally:
    """What was counted so far."""

    restored: int = 0
    kept_fresher: int = 0
    expired: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    def fail(self, key: bytes, why: object) -> None:
        """Count a key that the server refused."""
        self.failed += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(f"{show_key(key)}: {why}")


def put_staged_back(link: RedisLink, snapshot: SnapshotReader, tally: Tally) -> set[bytes]:
    """Rename back what no batch may hold, and return those keys; what the snapshot lists as large stays for later."""
    prefix = staged_prefix(snapshot.stage)
    listed = {record.staged for record in snapshot.aside}
    back: set[bytes] = set()
    for page in staged_pages(link, prefix):
        names = [name for name in page if name not in listed]
        keys = [name.removeprefix(prefix) for name in names]
        answers = link.ask_all(
            [("RENAMENX", name, key) for name, key in zip(names, keys, strict=True)]
        )
        for key, answer in zip(keys, answers, strict=True):
            if answer == 1:
                back.add(key)
            elif isinstance(answer, ResponseError):
                tally.fail(key, answer)
            else:
                tally.kept_fresher += 1
    return back
