"""Gives keys their live names again that a purge left staged when it was cut short."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis.exceptions import ResponseError

from bot.effects.keyspace.compare import Finding
from bot.effects.keyspace.connect import RedisLink
from bot.effects.keyspace.naming import Naming
from bot.effects.keyspace.reconcile import staged_pages
from bot.effects.keyspace.topology import Servers
from bot.effects.snapshots.reader import SnapshotReader
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

    def judge(self, key: bytes, finding: Finding) -> None:
        """Count a key that stood there already, or could not be put back."""
        match finding:
            case Finding.EQUAL:
                self.restored += 1
            case Finding.EXPIRED:
                self.expired += 1
            case Finding.MISSING:
                self.fail(key, "it is not on the server and could not be put back")
            case _:
                self.kept_fresher += 1


def put_staged_back(servers: Servers, snapshot: SnapshotReader, tally: Tally) -> set[bytes]:
    """Rename back what no batch may hold, and return those keys; what the snapshot lists as large stays for later."""
    listed = {record.staged for record in snapshot.aside}
    naming = servers.naming(snapshot.stage)
    back: set[bytes] = set()
    for node in servers.nodes:
        back |= _put_back(node.link, naming, listed, tally)
    return back


def _put_back(link: RedisLink, naming: Naming, listed: set[bytes], tally: Tally) -> set[bytes]:
    back: set[bytes] = set()
    for page in staged_pages(link, naming):
        names = [name for name in page if name not in listed]
        keys = [naming.live(name) for name in names]
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
