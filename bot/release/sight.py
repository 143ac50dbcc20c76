"""What one answer says about caching, as a value that can be kept and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from bot.release.cache_headers import (
    Headers,
    joined,
    read_age,
    shared_rules,
    shared_seconds,
    shared_storable,
    values_of,
    varies_by,
)
from bot.release.cache_indicator import cache_indicator
from bot.release.own_indicator import OwnIndicator
from bot.release.records import Json

WEAK, STRONG = "weak", "strong"


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One answer. `at` is Unix time; `age`, `ttl`, `s_maxage`, `swr` and `sie` are seconds, None where not said.

    `hit` is None where no header tells, `stale` where the cache says that the copy is past its time; `ttl` and
    `storable` are for a shared cache; `etag` is `weak` or `strong`. Nothing of it is secret.
    """

    status: int = 0
    at: float = 0.0
    error: str | None = None
    hit: bool | None = None
    stale: bool = False
    indicator: str | None = None
    age: int | None = None
    ttl: int | None = None
    s_maxage: int | None = None
    swr: int | None = None
    sie: int | None = None
    storable: bool = False
    vary: str | None = None
    etag: str | None = None
    encoding: str | None = None
    cache_control: str | None = None

    @property
    def broken(self) -> str | None:
        """Return why it is no answer to look at; None where it is one."""
        if self.error is not None:
            return f"did not answer: {self.error}"
        return f"answered {self.status}" if self.status >= 500 else None

    @property
    def word(self) -> str:
        """Return hit, miss, stale or unknown."""
        if self.hit is None:
            return "unknown"
        if not self.hit:
            return "miss"
        return "stale" if self.stale else "hit"


def sight_of(
    status: int,
    headers: Headers,
    *,
    at: float,
    error: str | None = None,
    own: OwnIndicator | None = None,
) -> Sight:
    """Return what an answer says."""
    if error is not None:
        return Sight(status=status, at=at, error=error)
    told = cache_indicator(headers, own)
    rules = shared_rules(headers)
    tags = values_of(headers, "etag")
    return Sight(
        status=status,
        at=at,
        hit=None if told is None else told.hit,
        stale=told is not None and told.stale,
        indicator=None if told is None else told.header,
        age=read_age(headers),
        ttl=shared_seconds(headers, at),
        s_maxage=rules.seconds("s-maxage"),
        swr=rules.seconds("stale-while-revalidate"),
        sie=rules.seconds("stale-if-error"),
        storable=shared_storable(headers, at),
        vary=", ".join(sorted(varies_by(headers))) or None,
        etag=(WEAK if tags[0].startswith("W/") else STRONG) if tags else None,
        encoding=(joined(headers, "content-encoding") or "").lower() or None,
        cache_control=(joined(headers, "cache-control") or "")[:200] or None,
    )


def sight_json(seen: Sight) -> Json:
    """Return it as JSON."""
    return asdict(seen)


def sight_from_json(value: Json | None) -> Sight | None:
    """Return the sight that `sight_json` wrote."""
    return None if value is None else _known(value)


def _known(value: Json) -> Sight:
    # A version before or after this one may have written more.
    names = {field.name for field in fields(Sight)}
    return Sight(**{name: kept for name, kept in value.items() if name in names})


def sights_json(seen: Mapping[str, Mapping[str, Sight]]) -> Json:
    """Return the sights of several pages, by path and label, as JSON."""
    return {
        path: {label: sight_json(sight) for label, sight in sights.items()}
        for path, sights in seen.items()
    }


def sights_from_json(value: Json | None) -> dict[str, dict[str, Sight]]:
    """Return what `sights_json` wrote; nothing where nothing was kept."""
    return {
        path: {label: _known(sight) for label, sight in sights.items()}
        for path, sights in (value or {}).items()
    }
