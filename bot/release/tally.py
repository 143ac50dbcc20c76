"""What is known of one pattern while its keys go by: bounded, however many they are."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.release.estimating import estimated_total, scaled
from bot.release.key_shapes import alike, fixed_part, may_overlap, parts_of
from bot.release.plan import BigKey, Group, PatternCount, TtlSpread
from bot.release.scope import MAX_NEIGHBOURS, matches, neighbour, show_key

SHOWN = 5
MOST_NAMES = 1_000
MOST_RARE = 20
SELDOM = 100
SPREAD = (
    (60_000, "under_minute"),
    (3_600_000, "under_hour"),
    (86_400_000, "under_day"),
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the server said of one key: its memory in bytes, milliseconds left (-1: never expires) and type."""

    key: bytes
    bytes: int
    rest_ms: int
    type: str = ""


class Lot:
    """At most `most` keys drawn from all that were offered, each with the same chance, each once.

    The keys with the smallest hashes are kept. Python's hash of bytes is keyed anew in each process, so that nobody
    can choose names that are always drawn or never.
    """

    def __init__(self, most: int) -> None:
        """Take how many keys are kept."""
        self._most = most
        self._kept: set[bytes] = set()
        self._bound: int | None = None

    def offer(self, keys: Sequence[bytes]) -> None:
        """Draw from some more keys."""
        bound = self._bound
        self._kept.update(keys if bound is None else [key for key in keys if hash(key) <= bound])
        if len(self._kept) > self._most * 1.5:
            drawn = self.keys
            self._kept, self._bound = set(drawn), hash(drawn[-1])

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Return the keys that were drawn, in an order of chance: the first of them are a smaller lot."""
        return tuple(sorted(self._kept, key=hash)[: self._most])


class Names:
    """How often each name occurred; beyond the first 1,000 names, further ones are no longer told apart."""

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: Counter[bytes] = Counter()
        self.full = False

    def add(self, names: Iterable[bytes]) -> None:
        """Count some more names."""
        for name, keys in Counter(names).items():
            if name in self.counts or len(self.counts) < MOST_NAMES:
                self.counts[name] += keys
            else:
                self.full = True

    def groups(self, before: bytes = b"") -> tuple[Group, ...]:
        """Return the names with their counts, most frequent first; `before` stands before each."""
        ordered = sorted(self.counts.items(), key=lambda row: (-row[1], row[0]))
        return tuple(Group(name=show_key(before + name), keys=keys) for name, keys in ordered)


@dataclass
class Tally:
    """One pattern's keys, counted as they go by. `others` are the patterns of the app's other routes, by route."""

    pattern: str
    most: int
    sample: int
    others: Mapping[str, Sequence[str]]
    keys: int = 0
    shown: list[bytes] = field(default_factory=list)
    neighbours: set[str] = field(default_factory=set)
    overlaps: Counter[str] = field(default_factory=Counter)
    parts: Names = field(default_factory=Names)
    alike: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        """Leave out the routes whose keys begin otherwise."""
        near = {
            route: [other for other in patterns if may_overlap(self.pattern, other)]
            for route, patterns in self.others.items()
        }
        self._near = {route: patterns for route, patterns in near.items() if patterns}
        self._fixed = fixed_part(self.pattern)
        self.lot = Lot(self.most)

    def add(self, keys: Sequence[bytes]) -> None:
        """Take some keys that match the pattern."""
        self.keys += len(keys)
        self.shown += keys[: max(0, self.sample - len(self.shown))]
        if not self.most:
            return
        self.lot.offer(keys)
        self.parts.add(parts_of(len(self._fixed), keys))
        self.alike.add(alike(keys))
        if len(self.neighbours) < MAX_NEIGHBOURS:
            self.neighbours.update(filter(None, (neighbour(self.pattern, key) for key in keys)))
        for route, patterns in self._near.items():
            self.overlaps[route] += sum(_matches_one(patterns, key) for key in keys)

    def finished(self, measured: Sequence[Measured]) -> PatternCount:
        """Return the count, with what the measured keys say of all of them."""
        size, error = estimated_total([row.bytes for row in measured], self.keys)
        spread = Counter(_spread_of(row.rest_ms) for row in measured)
        types = Counter(row.type for row in measured if row.type)
        return PatternCount(
            pattern=self.pattern,
            keys=self.keys,
            bytes=size,
            ttl=TtlSpread(**scaled(spread, self.keys)),
            sample=tuple(sorted(show_key(key) for key in self.shown)),
            neighbours=tuple(sorted(self.neighbours)[:MAX_NEIGHBOURS]),
            measured=len(measured),
            bytes_error=error,
            types=_groups(scaled(types, self.keys)),
            biggest=_biggest(measured),
            parts=self.parts.groups(self._fixed)[:SHOWN],
            rare=self._rare(),
            overlaps=_groups(self.overlaps),
            alike=self.alike.groups()[:SHOWN],
        )

    def _rare(self) -> tuple[Group, ...]:
        """Return the parts that few keys have; none where names differ so much that being rare is usual."""
        known = {show_key(self._fixed), *(row.name for row in self.alike.groups())}
        found = [
            row
            for row in self.parts.groups(self._fixed)
            if row.keys * SELDOM < self.keys and row.name not in known
        ]
        return () if self.parts.full or len(found) > MOST_RARE else tuple(found[:SHOWN])


def _matches_one(patterns: Sequence[str], key: bytes) -> bool:
    return any(matches(pattern, key) for pattern in patterns)


def _spread_of(rest_ms: int) -> str:
    if rest_ms == -1:
        return "no_expiry"
    return next((name for limit, name in SPREAD if rest_ms < limit), "longer")


def _groups(counts: Mapping[str, int]) -> tuple[Group, ...]:
    ordered = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return tuple(Group(name=name, keys=keys) for name, keys in ordered if keys)


def _biggest(measured: Sequence[Measured]) -> tuple[BigKey, ...]:
    largest = heapq.nsmallest(SHOWN, measured, key=lambda row: (-row.bytes, row.key))
    return tuple(BigKey(name=show_key(row.key), bytes=row.bytes, type=row.type) for row in largest)
