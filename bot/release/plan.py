"""What a purge would do, said before it is done, with a hash that an approval binds to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TtlSpread:
    """How many keys expire when."""

    no_expiry: int = 0
    under_minute: int = 0
    under_hour: int = 0
    under_day: int = 0
    longer: int = 0


@dataclass(frozen=True, kw_only=True)
class PatternCount:
    """What one key pattern matches now; `sample` holds printable key names, `bytes` is server memory.

    `neighbours` are key prefixes outside the route that the pattern also takes (`/route1*` takes `/route10`).
    """

    pattern: str
    keys: int
    bytes: int
    ttl: TtlSpread
    sample: tuple[str, ...]
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A purge that was counted, not done. `run` makes each plan its own, so that an approval never outlives it."""

    app: str
    environment: str
    routes: tuple[str, ...]
    patterns: tuple[PatternCount, ...]
    database_keys: int
    run: str = ""

    @property
    def keys(self) -> int:
        """Return the number of keys the purge would take."""
        return sum(pattern.keys for pattern in self.patterns)

    @property
    def bytes(self) -> int:
        """Return the server memory of those keys, in bytes."""
        return sum(pattern.bytes for pattern in self.patterns)

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the plan's canonical JSON, in hex."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def plan_from_json(value: Mapping[str, Any]) -> Plan:
    """Return the plan that `dataclasses.asdict` wrote."""
    patterns = tuple(
        PatternCount(
            pattern=row["pattern"],
            keys=row["keys"],
            bytes=row["bytes"],
            ttl=TtlSpread(**row["ttl"]),
            sample=tuple(row["sample"]),
            neighbours=tuple(row["neighbours"]),
        )
        for row in value["patterns"]
    )
    return Plan(
        app=value["app"],
        environment=value["environment"],
        routes=tuple(value["routes"]),
        patterns=patterns,
        database_keys=value["database_keys"],
        run=value["run"],
    )


def drift(planned: int, counted: int) -> float:
    """Return how far the count moved from the plan, as a share of the planned count."""
    return abs(counted - planned) / max(planned, 1)
