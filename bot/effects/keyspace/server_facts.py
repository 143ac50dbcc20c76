"""What a server says of itself that a rehearsal compares; nothing is written, and no CONFIG is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from bot.effects.keyspace.info import info_of
from bot.effects.keyspace.topology import Servers
from bot.release.two_places import ServerFacts


class SelfDescription:
    """What the server behind `_url` says of itself."""

    _url: str

    def facts(self) -> ServerFacts:
        """Return version, memory limit, policy and databases from INFO, which managed servers allow as well."""
        with Servers(self._url, only_looks=True) as servers:
            links = servers.links
            server = [info_of(link, "server") or {} for link in links]
            memory = [info_of(link, "memory") for link in links]
            keys = [info_of(link, "keyspace") for link in links]
            nodes, clustered = len(links), servers.clustered
        return ServerFacts(
            server=_version(server[0]),
            maxmemory=_limit(memory),
            policy=(memory[0] or {}).get("maxmemory_policy"),
            databases=_databases(keys),
            database=database_of(self._url),
            ids=tuple(row["run_id"] for row in server if row.get("run_id")),
            nodes=nodes,
            clustered=clustered,
        )


def _version(fields: Mapping[str, str]) -> str | None:
    if "valkey_version" in fields:
        return f"valkey {fields['valkey_version']}"
    return f"redis {fields['redis_version']}" if "redis_version" in fields else None


def _limit(rows: list[Mapping[str, str] | None]) -> int | None:
    limits = [row.get("maxmemory") for row in rows if row is not None]
    known = [int(limit) for limit in limits if limit is not None]
    return sum(known) if len(known) == len(rows) else None


def _databases(rows: list[Mapping[str, str] | None]) -> tuple[int, ...] | None:
    if any(row is None for row in rows):
        return None
    names = {name for row in rows for name in row or {}}
    found = {int(name[2:]) for name in names if re.fullmatch(r"db\d+", name)}
    return tuple(sorted(found))


def database_of(url: str) -> int:
    """Return the number of the database that an address names; 0 where it names none."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("db", [""])[0] or parts.path.rpartition("/")[2]
    return int(named) if named.isdecimal() else 0
