"""Looks at a scope for a plan: on the replica where there is a sound one, and at what the refill will cost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.effects.keyspace.count import database_keys, measure_all, walk_scope
from bot.effects.keyspace.info import info_of
from bot.effects.keyspace.topology import Servers
from bot.effects.keyspace.traffic import traffic_of
from bot.release.forecast import Traffic, forecast
from bot.release.preview import Preview
from bot.release.refusal import Refusal

LOOK_S = 0.5
ENOUGH = 0.95
ON_REPLICA = "Counted on the replica."


def preview_scope(
    primary: Servers,
    replica_url: str | None,
    patterns: Sequence[str],
    others: Mapping[str, Sequence[str]],
    *,
    sample: int,
) -> Preview:
    """Return what a purge would take and what the refill would cost; the replica, if any, spares the primary.

    A replica that does not answer, that is none of this primary's, or that holds too few keys is not used, and
    `source` says why.
    """
    if replica_url is None:
        return _look(primary, primary, patterns, others, sample)
    try:
        with Servers(replica_url, only_looks=True) as replica:
            problem = _unfit(replica, primary)
            if problem is None:
                found = _look(primary, replica, patterns, others, sample)
                return replace(found, source=ON_REPLICA)
    except Refusal as refusal:
        problem = refusal.failed
    found = _look(primary, primary, patterns, others, sample)
    return replace(found, source=f"Counted on the primary, not on its replica. {problem}")


def _look(
    primary: Servers,
    servers: Servers,
    patterns: Sequence[str],
    others: Mapping[str, Sequence[str]],
    sample: int,
) -> Preview:
    """Walk between two looks at the primary's counters: SCAN moves neither of them, measuring moves both."""
    first = traffic_of(primary)
    tallies = walk_scope(servers, patterns, sample=sample, others=others)
    last = _second_look(primary, first)
    counts = measure_all(servers, tallies)
    return Preview(
        patterns=counts,
        database_keys=database_keys(servers),
        forecast=forecast(
            keys=sum(row.keys for row in counts),
            size=sum(row.bytes for row in counts),
            first=first,
            last=last,
        ),
    )


def _second_look(primary: Servers, first: Traffic | None) -> Traffic | None:
    if first is None:
        return None
    time.sleep(max(0.0, first.at + LOOK_S - time.monotonic()))
    return traffic_of(primary)


def _unfit(replicas: Servers, primaries: Servers) -> str | None:
    """Return in a sentence why this server may not stand for the primary, None where it may."""
    if primaries.clustered:
        return "The primary is a cluster."
    replica, primary = replicas.first.link, primaries.first.link
    mine, theirs = info_of(replica, "replication"), info_of(primary, "replication")
    if mine is None:
        return f"Redis at {replica.place} does not let the bot read INFO, which says whether it is a replica."
    if mine.get("role") != "slave":
        return f"Redis at {replica.place} is no replica."
    if mine.get("master_link_status") != "up":
        return f"The replica at {replica.place} has lost its primary."
    same = mine.get("master_replid") == (theirs or mine).get("master_replid")
    if not same:
        return f"Redis at {replica.place} is a replica of another server."
    held, there = int(replica.call("DBSIZE")), int(primary.call("DBSIZE"))
    if held < there * ENOUGH:
        return f"The replica at {replica.place} holds {held:,} keys, its primary {there:,}."
    return None
