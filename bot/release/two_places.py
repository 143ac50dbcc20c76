"""What of two environments is compared, and which differences change what a rehearsal proves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.release.cache_headers import Headers
from bot.release.catalog import Environment
from bot.release.key_compare import Difference, of_keys
from bot.release.page_compare import of_pages
from bot.release.plan import PatternCount

MB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class ServerFacts:
    """What a server says of itself; None where it does not let the bot read it.

    `maxmemory` is in bytes, 0 without a limit, for all primaries together; `databases` are the numbers of those that
    hold keys; `database` is the one that the address names; `ids` are the run ids of the primaries.
    """

    server: str | None = None
    maxmemory: int | None = None
    policy: str | None = None
    databases: tuple[int, ...] | None = None
    database: int = 0
    ids: tuple[str, ...] = ()
    nodes: int = 1
    clustered: bool = False


@dataclass(frozen=True, kw_only=True)
class Side:
    """One environment as it was found; `pages` are status and headers by path."""

    name: str
    place: Environment
    server: ServerFacts
    patterns: tuple[PatternCount, ...] = ()
    pages: Mapping[str, tuple[int, Headers]] = field(default_factory=dict)


def same_keys(one: ServerFacts, other: ServerFacts) -> bool:
    """Return whether both addresses lead to the same keys: one server, and there the same database."""
    return bool(set(one.ids) & set(other.ids)) and one.database == other.database


def differences(here: Side, there: Side) -> tuple[Difference, ...]:
    """Return how the rehearsed environment (`here`) differs from the real one, what weighs first."""
    found = (
        *_of_servers(here.server, there.server),
        *of_keys(here.patterns, there.patterns),
        *of_pages(here.pages, there.pages),
        *_of_catalog(here.place, there.place),
    )
    return tuple(sorted(found, key=lambda row: not row.why))


def _of_servers(here: ServerFacts, there: ServerFacts) -> Iterator[Difference]:
    if here.server != there.server:
        yield Difference(
            what="server",
            here=here.server or "untold",
            there=there.server or "untold",
            why=_version_matters(here.server, there.server),
        )
    if (here.clustered, here.nodes) != (there.clustered, there.nodes):
        why = ""
        if here.clustered != there.clustered:
            why = "a cluster takes keys from every primary at once"
        yield Difference(what="layout", here=_layout(here), there=_layout(there), why=why)
    if here.policy != there.policy:
        yield Difference(
            what="maxmemory-policy",
            here=here.policy or "untold",
            there=there.policy or "untold",
            why=_policy_matters(there.policy),
        )
    if here.maxmemory != there.maxmemory:
        limited = (bool(here.maxmemory), bool(there.maxmemory))
        yield Difference(
            what="maxmemory",
            here=_memory(here.maxmemory),
            there=_memory(there.maxmemory),
            why="only production can run out of memory" if limited == (False, True) else "",
        )
    if set(here.ids) & set(there.ids):
        yield Difference(
            what="server process",
            here=f"database {here.database}",
            there=f"database {there.database} of the same server",
            why="the rehearsal slowed the server down that production uses",
        )
    if here.databases != there.databases:
        yield Difference(
            what="databases with keys", here=_listed(here.databases), there=_listed(there.databases)
        )


def _version_matters(here: str | None, there: str | None) -> str:
    if here is None or there is None:
        return "the versions cannot be compared"
    if here.rpartition(".")[0].split(".")[:2] == there.rpartition(".")[0].split(".")[:2]:
        return ""
    return "another version of the server dumps and restores keys in its own way"


def _policy_matters(there: str | None) -> str:
    if there == "noeviction":
        return "a full production server refuses writes, and so the restore"
    return "a full production server may evict keys while they are put back"


def _layout(facts: ServerFacts) -> str:
    return f"cluster of {facts.nodes} primaries" if facts.clustered else "one server"


def _memory(limit: int | None) -> str:
    if limit is None:
        return "untold"
    return f"{limit / MB:,.0f} MB" if limit else "no limit"


def _listed(databases: Sequence[int] | None) -> str:
    if databases is None:
        return "untold"
    return ", ".join(map(str, databases)) or "none"


def _of_catalog(here: Environment, there: Environment) -> Iterator[Difference]:
    """Compare what the catalog says; pace and waves were production's in the rehearsal as well."""
    rows = (
        ("replica", _yes(here.replica), _yes(there.replica)),
        ("pace", here.pace, there.pace),
        ("waves", _shares(here.waves), _shares(there.waves)),
        ("allow_private", str(here.allow_private).lower(), str(there.allow_private).lower()),
    )
    for what, one, other in rows:
        if one != other:
            yield Difference(what=f"catalog: {what}", here=one, there=other)


def _yes(name: str | None) -> str:
    return "none" if name is None else "one"


def _shares(waves: Sequence[float] | None) -> str:
    return "by its name" if waves is None else ", ".join(f"{share:g} %" for share in waves)
