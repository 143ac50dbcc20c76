"""How an answer says whether it came from a cache."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import http_sf

from bot.release.cache_headers import Headers, joined, whole_number
from bot.release.own_indicator import OwnIndicator

Reader = Callable[[str], bool | None]

_STALE = re.compile(r"\b(stale|updating)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """The header that says it, its value as sent, and what that means; `hit` is None where it cannot be told.

    `stale` where the cache says that the copy is past its time and served all the same (RFC 5861).
    """

    header: str
    value: str
    hit: bool | None
    stale: bool = False


def _words(hit: str, miss: str, *, nodes: bool = True) -> Reader:
    """Return a reader of the last member of a list, the cache nearest the visitor; a miss goes first.

    Where it lists no `nodes` but one cache's words, all of them are read.
    """
    hits, misses = re.compile(hit, re.IGNORECASE), re.compile(miss, re.IGNORECASE)

    def read(value: str) -> bool | None:
        nearest = value.rpartition(",")[2].strip() if nodes else value
        if misses.search(nearest):
            return False
        return True if hits.search(nearest) else None

    return read


def _members(value: str) -> Mapping[str, object] | None:
    """Return the parameters of the last member of Cache-Status, the cache nearest the client (RFC 9211, 2)."""
    try:
        parsed = http_sf.parse(value.encode("latin-1"), tltype="list")
    except (ValueError, UnicodeEncodeError):
        return None
    members = cast("Sequence[tuple[object, Mapping[str, object]]]", parsed)
    return members[-1][1] if members else None


def _cache_status(value: str) -> bool | None:
    """Read `hit` and `fwd`, which exclude each other (RFC 9211, 2.1 and 2.2); a broken field says nothing."""
    parameters = _members(value) or {}
    if parameters.get("hit"):
        return True
    return False if "fwd" in parameters else None


def _varnish(value: str) -> bool | None:
    ids = value.split()
    return len(ids) == 2 if ids and all(one.isdecimal() for one in ids) else None


def _count(value: str) -> bool | None:
    count = whole_number(value.rpartition(",")[2])
    return None if count is None else count > 0


def _age(value: str) -> bool | None:
    """Over 0 it means a cache (RFC 9111, 5.1); 0 says nothing."""
    return True if whole_number(value) else None


def _server_timing(value: str) -> bool | None:
    found = re.search(r"cdn-cache\s*;\s*desc=\"?(\w+)", value, re.IGNORECASE)
    return None if found is None else _plain(found[1])


_plain = _words(
    r"hit|fresh|\bstale|updating|revalidated",
    r"miss|expired|bypass|pass\b|uncach|no-cache|\binvalid",
    nodes=False,
)
_cloudflare = _words(r"^(hit|stale|updating|revalidated)", r"^(miss|expired|bypass|dynamic|none)")
_x_cache = _words(r"hit", r"miss|error|pass\b|denied|expired|bypass")
_nginx = _words(r"^(hit|stale|updating|revalidated)", r"^(miss|expired|bypass)")
_drupal = _words(r"^hit", r"^(miss|uncacheable)")

READERS: tuple[tuple[str, Reader], ...] = (
    ("Cache-Status", _cache_status),
    ("CF-Cache-Status", _cloudflare),
    ("X-Cache", _x_cache),
    ("X-Cache-Status", _nginx),
    ("X-Proxy-Cache", _nginx),
    ("X-Drupal-Cache", _drupal),
    ("X-Drupal-Dynamic-Cache", _drupal),
    ("X-Varnish", _varnish),
    ("X-Cache-Hits", _count),
    ("X-Redis-Cache", _plain),
    ("X-WP-Cache", _plain),
    ("X-Litespeed-Cache", _plain),
    ("X-Rack-Cache", _plain),
    ("Age", _age),
    ("Server-Timing", _server_timing),
)
"""From the clearest to the vaguest; the first that can be read decides."""

# Present on answers that came from no cache too: what cannot be read there is no indicator.
_OTHERWISE_USED = frozenset({"Age", "Server-Timing"})


def cache_indicator(headers: Headers, own: OwnIndicator | None = None) -> Indicator | None:
    """Return the clearest cache indicator of an answer, the route's own before all; None where there is none."""
    unclear: Indicator | None = None
    for found in _indicators(headers, own):
        if found.hit is not None:
            return found
        if found.header not in _OTHERWISE_USED:
            unclear = unclear or found
    return unclear


def _indicators(headers: Headers, own: OwnIndicator | None) -> Iterator[Indicator]:
    readers = READERS if own is None else ((own.header, own.read), *READERS)
    for header, read in readers:
        value = joined(headers, header)
        if value is not None:
            yield Indicator(
                header=header, value=value[:80], hit=read(value), stale=_is_stale(header, value)
            )


def _is_stale(header: str, value: str) -> bool:
    """Return whether a copy past its time was served; Cache-Status says so by a ttl under 0 (RFC 9211, 2.4)."""
    if header == "Cache-Status":
        parameters = _members(value) or {}
        ttl = parameters.get("ttl")
        return bool(parameters.get("hit")) and isinstance(ttl, int) and ttl < 0
    return _STALE.search(value.rpartition(",")[2]) is not None


def came_from_cache(headers: Headers, own: OwnIndicator | None = None) -> bool | None:
    """Return whether the answer came from a cache; None where it cannot be told."""
    indicator = cache_indicator(headers, own)
    return None if indicator is None else indicator.hit


def word(headers: Headers, own: OwnIndicator | None = None) -> str:
    """Return the indicator in two words, such as `X-Cache hit`; `unknown` where there is none."""
    indicator = cache_indicator(headers, own)
    if indicator is None:
        return "unknown"
    meaning = {True: "hit", False: "miss", None: "unknown"}[indicator.hit]
    return f"{indicator.header} {meaning}"
