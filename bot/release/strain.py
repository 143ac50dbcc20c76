"""Whether a server is under such strain that work on it should wait."""

from __future__ import annotations

from collections.abc import Mapping

SLOW_MS = 20.0
BEHIND_S = 10
BEHIND_BYTES = 32_000_000
FULL = 0.97


def strain(
    ping_ms: float, replication: Mapping[str, str] | None, memory: Mapping[str, str] | None
) -> str:
    """Return in a few words why to hold back, empty where all is well.

    `ping_ms` is how long the median of a few PINGs took; the mappings are sections of INFO, None where it may not
    be read. A replica counts as behind when it last answered over 10 s ago or lacks over 32 MB. A server that
    evicts is never full.
    """
    if ping_ms > SLOW_MS:
        return f"the server answers in {ping_ms:,.0f} ms"
    behind = _furthest_behind(replication or {})
    if behind:
        return behind
    return _full(memory or {})


def _furthest_behind(replication: Mapping[str, str]) -> str:
    written = int(replication.get("master_repl_offset", "0"))
    for name, value in replication.items():
        if not name.startswith("slave") or "state=online" not in value:
            continue
        fields = dict(part.partition("=")[::2] for part in value.split(","))
        lag_s, lacks = int(fields.get("lag", "0")), written - int(fields.get("offset", written))
        if lag_s > BEHIND_S:
            return f"a replica has not answered for {lag_s:,} s"
        if lacks > BEHIND_BYTES:
            return f"a replica is {lacks / 1e6:,.0f} MB behind"
    return ""


def _full(memory: Mapping[str, str]) -> str:
    limit, used = int(memory.get("maxmemory", "0")), int(memory.get("used_memory", "0"))
    if limit and memory.get("maxmemory_policy") == "noeviction" and used > limit * FULL:
        return f"the server uses {100 * used / limit:.0f} % of its memory"
    return ""
