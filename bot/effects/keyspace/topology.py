"""The servers behind one address: a single one, the primary that Sentinels name, or the primaries of a cluster."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit, urlunsplit

from redis.exceptions import RedisError
from redis.sentinel import Sentinel

from bot.effects.keyspace.abilities import UNTRIED, Abilities, try_abilities
from bot.effects.keyspace.connect import CONNECT_S, RedisLink
from bot.effects.keyspace.naming import SLOTS, ClusterNaming, Naming, slot_of
from bot.effects.keyspace.trouble import refusal_of, unreadable_address
from bot.release.refusal import Refusal

CLUSTER, SENTINEL = "+cluster", "+sentinel"
DEFAULT_PORT = {CLUSTER: 6379, SENTINEL: 26379}
Item = TypeVar("Item")
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One primary: the connection to it, and what it can do."""

    link: RedisLink
    found: Abilities


class Servers(AbstractContextManager["Servers"]):
    """Every primary that holds a part of the keys; one connection each."""

    def __init__(self, url: str, *, only_looks: bool = False) -> None:
        """Take redis://, rediss:// or unix://, or the first two with +cluster or +sentinel and several hosts.

        `redis+cluster://a:7000,b:7000` names some nodes of a cluster, `redis+sentinel://a,b,c/mymaster/0` the
        Sentinels, the primary's name and the database. `only_looks` tries nothing that writes, so that a replica
        will do.
        """
        self._url = url
        self._only_looks = only_looks
        self._open = ExitStack()
        self._ends: list[int] = []
        self._owners: list[Node] = []
        self.nodes: tuple[Node, ...] = ()
        self.clustered = CLUSTER in url.partition("://")[0]

    def __enter__(self) -> Servers:
        """Connect to every primary; Refusal where one cannot be reached or may not be worked on."""
        with ExitStack() as opening:
            self._connect(opening)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        self._open.close()

    @property
    def first(self) -> Node:
        """Return the node that speaks for all where they are alike: version, DUMP format, clock."""
        return self.nodes[0]

    @property
    def links(self) -> list[RedisLink]:
        """Return the connection to every primary."""
        return [node.link for node in self.nodes]

    def naming(self, stage: str) -> Naming:
        """Return the staged names of a purge."""
        return ClusterNaming(stage) if self.clustered else Naming(stage)

    def owner(self, key: bytes) -> Node:
        """Return the node that holds a key."""
        if not self.clustered:
            return self.first
        return self._owners[bisect.bisect_left(self._ends, slot_of(key))]

    def parted(
        self, items: Iterable[Item], key_of: Callable[[Item], bytes]
    ) -> Iterable[tuple[Node, Iterable[Item]]]:
        """Return each node with the items whose keys it holds."""
        if not self.clustered:
            return [(self.first, items)]
        mine: dict[str, tuple[Node, list[Item]]] = {}
        for item in items:
            node = self.owner(key_of(item))
            mine.setdefault(node.link.url, (node, []))[1].append(item)
        return mine.values()

    def look_again(self) -> bool:
        """Ask the cluster for its slots again and connect anew; return whether they had moved."""
        if not self.clustered:
            return False
        before = [(end, node.link.url) for end, node in zip(self._ends, self._owners, strict=True)]
        self._open.close()
        with ExitStack() as opening:
            self._connect(opening)
            self._open = opening.pop_all()
        after = [(end, node.link.url) for end, node in zip(self._ends, self._owners, strict=True)]
        return before != after

    def _connect(self, opening: ExitStack) -> None:
        if self.clustered:
            self._connect_cluster(opening)
            return
        url = primary_of(self._url)
        self.nodes = (self._node(url, opening),)

    def _connect_cluster(self, opening: ExitStack) -> None:
        slots = _first_answer(self._url, _slots_of)
        ends = {url: end for end, url in slots}
        nodes = {url: self._node(url, opening, slot=ends[url]) for url in sorted(ends)}
        self.nodes = tuple(nodes.values())
        self._ends = [end for end, _ in slots]
        self._owners = [nodes[url] for _, url in slots]

    def _node(self, url: str, opening: ExitStack, *, slot: int = 0) -> Node:
        link = opening.enter_context(RedisLink(url))
        found = UNTRIED if self._only_looks else try_abilities(link, slot=slot)
        return Node(link=link, found=found)


def primary_of(url: str) -> str:
    """Return the URL of one server: what Sentinels name as the primary now, or the URL itself."""
    if SENTINEL not in url.partition("://")[0]:
        return url
    parts = urlsplit(url)
    hosts = hosts_of(parts, SENTINEL)
    name, _, database = parts.path.strip("/").partition("/")
    sentinels = Sentinel(hosts, socket_timeout=CONNECT_S)
    try:
        host, port = sentinels.discover_master(name)
    except RedisError as error:
        raise refusal_of(error, f"no Sentinel names the primary of {name}", "Sentinel") from error
    return _at(parts, SENTINEL, host, port, f"/{database or 0}")


def _slots_of(link: RedisLink, parts: SplitResult) -> list[tuple[int, str]]:
    """Return the last slot of each range with the URL of its primary, in order; Refusal where slots are not served."""
    rows = sorted(link.call("CLUSTER", "SLOTS"))
    seed = urlsplit(link.url).hostname or ""
    served = sum(row[1] - row[0] + 1 for row in rows)
    if served != SLOTS:
        raise refusal_of(
            ConnectionError(f"{served:,} of {SLOTS:,} slots"),
            "not every slot is served",
            link.place,
        )
    return [
        (int(row[1]), _at(parts, CLUSTER, row[2][0].decode() or seed, int(row[2][1]), "/0"))
        for row in rows
    ]


def _first_answer(url: str, ask: Callable[[RedisLink, SplitResult], Value]) -> Value:
    """Return what the first node answers that can be reached."""
    parts = urlsplit(url)
    trouble: Refusal | None = None
    for host, port in hosts_of(parts, CLUSTER):
        try:
            with RedisLink(_at(parts, CLUSTER, host, port, "/0")) as link:
                return ask(link, parts)
        except Refusal as refusal:
            trouble = refusal
    raise trouble or unreadable_address()


def hosts_of(parts: SplitResult, kind: str) -> list[tuple[str, int]]:
    """Return the hosts and ports of an address with several; Refusal where it cannot be read."""
    hosts: list[tuple[str, int]] = []
    for place in parts.netloc.rpartition("@")[2].split(","):
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
        if not host or (port and not port.isdecimal()):
            raise unreadable_address()
        hosts.append((host, int(port or DEFAULT_PORT[kind])))
    return hosts


def _at(parts: SplitResult, kind: str, host: str, port: int, path: str) -> str:
    """Return a URL of one server with the user and password of the whole."""
    account = parts.netloc.rpartition("@")[0]
    netloc = f"{account}@{host}:{port}" if account else f"{host}:{port}"
    return urlunsplit((parts.scheme.removesuffix(kind), netloc, path, parts.query, ""))
