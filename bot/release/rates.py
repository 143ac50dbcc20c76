"""How often something may be asked for, as a bucket of tokens that refills; and who is told to wait."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.release.refusal import Code, Refusal


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How often a minute: one person any verb, all people one release, one person a rollback."""

    asks: int = 60
    clicks: int = 120
    rollbacks: int = 240


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """`tokens` as they were at `at`, in seconds of any clock that only goes forward."""

    tokens: float
    at: float


def take(bucket: Bucket | None, per_minute: int, at: float) -> tuple[Bucket, float]:
    """Return the bucket after a token was taken, and 0; or the bucket as it is, and the seconds to wait for one.

    It refills evenly and holds a minute's worth, so that a burst of that many goes through at once.
    """
    rate = per_minute / 60
    before = bucket or Bucket(tokens=per_minute, at=at)
    tokens = min(float(per_minute), before.tokens + (at - before.at) * rate)
    if tokens >= 1:
        return Bucket(tokens=tokens - 1, at=at), 0.0
    return Bucket(tokens=tokens, at=at), (1 - tokens) / rate


def too_many(what: str, per_minute: int, wait_s: float) -> Refusal:
    """Return what the one is told who asked too often."""
    return Refusal(
        code=Code.TOO_MANY,
        failed=f"Not done: {what}. Nothing was changed.",
        expected=f"at most {per_minute:,} a minute; try again in {math.ceil(wait_s)} s. "
        "A rollback has a limit of its own, which this does not touch.",
        retry_is_safe=True,
    )


def refuse_one_more(live: Sequence[object], most: int) -> None:
    """Refuse to start a release where as many are live as may be."""
    if len(live) < most:
        return
    are = "release is" if len(live) == 1 else "releases are"
    raise Refusal(
        code=Code.TOO_MANY,
        failed=f"Not started: {len(live):,} {are} live, and no more may be.",
        expected="a release less: finish, roll back or abandon one; `/cache-release status` lists them. "
        "CACHE_RELEASE_LIVE_RELEASES is the limit.",
        retry_is_safe=True,
    )
