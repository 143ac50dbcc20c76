"""What the refill after a purge will cost: cold requests, and how long until the cache is warm again."""

from __future__ import annotations

import math
from dataclasses import dataclass

WARM = 0.95


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What the server counted so far: lookups that found a key and that found none, its keys, and when (seconds).

    They belong to the whole server, all its databases; `at` is any clock that only goes forward.
    """

    hits: int
    misses: int
    keys: int
    at: float


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What is known before a purge; every number but `keys` and `bytes` is None where INFO told nothing.

    `hits_per_s` is the whole server's, looked at for `seconds`; `hit_rate` is 0 to 1, since the server's counters
    began. `cold_per_s` are the requests to the scope that will find nothing at first and cost the origin a page each.
    `minutes_to_warm` is None as well where nobody reads the cache.
    """

    keys: int
    bytes: int
    hits_per_s: float | None = None
    hit_rate: float | None = None
    seconds: float | None = None
    cold_per_s: float | None = None
    minutes_to_warm: float | None = None


def forecast(*, keys: int, size: int, first: Traffic | None, last: Traffic | None) -> Forecast:
    """Return what refilling `keys` of `size` bytes will cost, from two looks at the server's counters.

    The scope is taken to be read as often as the rest, key for key, and each of its keys as often as the others:
    of K keys that are read r times a second, the share 1 - e^(-rt/K) is warm after t seconds. Where a few keys are
    read more than the rest, it goes faster.
    """
    known = Forecast(keys=keys, bytes=size)
    if first is None or last is None or last.at <= first.at:
        return known
    hits, seconds = last.hits - first.hits, last.at - first.at
    if hits < 0 or last.misses < first.misses:
        # The counters were set back between the looks.
        return known
    share = min(1.0, keys / max(last.keys, keys, 1))
    cold = hits / seconds * share
    return Forecast(
        keys=keys,
        bytes=size,
        hits_per_s=round(hits / seconds, 3),
        hit_rate=round(last.hits / max(last.hits + last.misses, 1), 4),
        seconds=round(seconds, 3),
        cold_per_s=round(cold, 3),
        minutes_to_warm=round(minutes_to_warm(keys, cold), 3) if cold > 0 else None,
    )


def minutes_to_warm(keys: int, per_second: float, *, warm: float = WARM) -> float:
    """Return after how many minutes that share of the requests are hits again; `per_second` is above 0."""
    return keys * -math.log(1 - warm) / per_second / 60
