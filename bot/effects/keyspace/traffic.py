"""What the servers counted of hits, misses and keys."""

from __future__ import annotations

import time

from bot.effects.keyspace.info import info_of
from bot.effects.keyspace.topology import Servers
from bot.release.forecast import Traffic


def traffic_of(servers: Servers) -> Traffic | None:
    """Return what the servers counted so far; None where one does not say."""
    hits = misses = keys = 0
    for node in servers.nodes:
        stats, keyspace = info_of(node.link, "stats"), info_of(node.link, "keyspace")
        if not stats or keyspace is None or "keyspace_hits" not in stats:
            return None
        hits += int(stats["keyspace_hits"])
        misses += int(stats.get("keyspace_misses", "0"))
        keys += sum(map(_keys_of, keyspace.values()))
    return Traffic(hits=hits, misses=misses, keys=keys, at=time.monotonic())


def _keys_of(database: str) -> int:
    """Return the number of keys in `keys=12,expires=3,avg_ttl=0`."""
    fields = dict(part.partition("=")[::2] for part in database.split(","))
    return int(fields.get("keys", "0"))
