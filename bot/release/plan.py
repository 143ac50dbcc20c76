"""What a purge would do, said before it is done, with a hash that an approval binds to."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from bot.release.forecast import Forecast
from bot.release.generation import Generation

GroupKind = Literal["types", "parts", "rare", "overlaps", "alike"]


@dataclass(frozen=True, kw_only=True)
class TtlSpread:
    """How many keys expire when."""

    no_expiry: int = 0
    under_minute: int = 0
    under_hour: int = 0
    under_day: int = 0
    longer: int = 0


@dataclass(frozen=True, kw_only=True)
class Group:
    """Keys that have something in common: a type, a prefix, or another route that matches them too."""

    name: str
    keys: int


@dataclass(frozen=True, kw_only=True)
class BigKey:
    """One large key: its printable name, server memory in bytes, and type ("" where TYPE is not allowed)."""

    name: str
    bytes: int
    type: str = ""


@dataclass(frozen=True, kw_only=True)
class PatternCount:
    """What one key pattern matches now; `sample` holds printable key names, `bytes` is server memory.

    `neighbours` are key prefixes outside the route that the pattern also takes (`/route1*` takes `/route10`).
    Only `measured` of the keys were asked for size, expiry and type; where they are fewer than `keys`, the numbers
    are scaled up and `bytes_error` is half the width of the 95 % interval around `bytes`. `biggest` are the largest
    among the measured. `parts` are the prefixes that most keys begin with after the pattern's fixed start (`#` is a
    number), `rare` those that fewer than one key in a hundred has and `alike` does not name. `overlaps` are other
    routes of the app that match keys of this pattern too, `alike` the prefixes of keys that look like sessions,
    locks or queues. `treatment` says what becomes of the keys, as `treatments_of` does.
    """

    pattern: str
    keys: int
    bytes: int
    ttl: TtlSpread
    sample: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    measured: int = 0
    bytes_error: int = 0
    types: tuple[Group, ...] = ()
    biggest: tuple[BigKey, ...] = ()
    parts: tuple[Group, ...] = ()
    rare: tuple[Group, ...] = ()
    overlaps: tuple[Group, ...] = ()
    alike: tuple[Group, ...] = ()
    treatment: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A purge that was counted, not done. `run` makes each plan its own, so that an approval never outlives it.

    `large` says why it needs one approval more, "" where it does not.
    """

    app: str
    environment: str
    routes: tuple[str, ...]
    patterns: tuple[PatternCount, ...]
    database_keys: int
    run: str = ""
    forecast: Forecast | None = None
    source: str = ""
    generations: tuple[Generation, ...] = ()
    large: str = ""

    @property
    def keys(self) -> int:
        """Return the number of keys the purge would take."""
        return sum(pattern.keys for pattern in self.patterns)

    @property
    def bytes(self) -> int:
        """Return the server memory of those keys, in bytes."""
        return sum(pattern.bytes for pattern in self.patterns)

    @property
    def bytes_error(self) -> int:
        """Return half the width of the 95 % interval around `bytes`; the patterns' samples are independent."""
        return round(math.hypot(*(pattern.bytes_error for pattern in self.patterns)))

    @property
    def share(self) -> float:
        """Return how much of the database's keys the purge would take, 0 to 1."""
        return min(1.0, self.keys / max(self.database_keys, 1))

    @property
    def ttl(self) -> TtlSpread:
        """Return the expiries of all patterns together."""
        spreads = [vars(pattern.ttl) for pattern in self.patterns]
        return TtlSpread(**{name: sum(row[name] for row in spreads) for name in vars(TtlSpread())})

    def groups(self, kind: GroupKind) -> tuple[Group, ...]:
        """Return one kind of groups of all patterns together, largest first."""
        keys: dict[str, int] = {}
        for pattern in self.patterns:
            for group in getattr(pattern, kind):
                keys[group.name] = keys.get(group.name, 0) + group.keys
        ordered = sorted(keys.items(), key=lambda row: (-row[1], row[0]))
        return tuple(Group(name=name, keys=count) for name, count in ordered)

    @property
    def hash(self) -> str:
        """Return the SHA-256, in hex, of the canonical JSON of what an approval binds: the scope and its counts.

        The forecast and its source are no part of it. What a plan of an older version did not have is left out
        where it is empty, so that such a plan keeps the hash that was approved.
        """
        text = json.dumps(_bound(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


_FIRST = frozenset({"pattern", "keys", "bytes", "ttl", "sample", "neighbours"})
_UNBOUND = frozenset({"forecast", "source"})


def _bound(plan: Plan) -> dict[str, Any]:
    row = {name: value for name, value in asdict(plan).items() if name not in _UNBOUND}
    patterns = [
        {name: value for name, value in pattern.items() if value or name in _FIRST}
        for pattern in row["patterns"]
    ]
    for name in ("generations", "large"):
        if not row[name]:
            del row[name]
    return {**row, "patterns": patterns}


def plan_from_json(value: Mapping[str, Any]) -> Plan:
    """Return the plan that `dataclasses.asdict` wrote; what it does not say yet is empty."""
    forecast = value.get("forecast")
    return Plan(
        app=value["app"],
        environment=value["environment"],
        routes=tuple(value["routes"]),
        patterns=tuple(_pattern(row) for row in value["patterns"]),
        database_keys=value["database_keys"],
        run=value["run"],
        forecast=None if forecast is None else Forecast(**forecast),
        source=value.get("source", ""),
        generations=tuple(Generation(**row) for row in value.get("generations", ())),
        large=value.get("large", ""),
    )


def _pattern(row: Mapping[str, Any]) -> PatternCount:
    groups = {
        kind: tuple(Group(**group) for group in row.get(kind, ())) for kind in get_args(GroupKind)
    }
    return PatternCount(
        pattern=row["pattern"],
        keys=row["keys"],
        bytes=row["bytes"],
        ttl=TtlSpread(**row["ttl"]),
        sample=tuple(row["sample"]),
        neighbours=tuple(row["neighbours"]),
        measured=row.get("measured", 0),
        bytes_error=row.get("bytes_error", 0),
        biggest=tuple(BigKey(**big) for big in row.get("biggest", ())),
        treatment=row.get("treatment", ""),
        **groups,
    )


def treatments_in(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what becomes of each pattern's keys, where it is not what is usual."""
    return tuple((row.pattern, row.treatment) for row in plan.patterns if row.treatment)


def drift(planned: int, counted: int) -> float:
    """Return how far the count moved from the plan, as a share of the planned count."""
    return abs(counted - planned) / max(planned, 1)
