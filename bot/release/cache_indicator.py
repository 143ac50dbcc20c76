"""How an answer says whether it came from a cache."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import http_sf

from bot.release.cache_headers import Headers, joined, read_age, whole_number

Reader = Callable[[str], bool | None]

_HIT = re.compile(r"hit|stale|updating|revalidated|refresh|fresh", re.IGNORECASE)
_MISS = re.compile(
    r"miss|expired|bypass|dynamic|none|error|pass|uncacheable|no-cache|off", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """The header that says it, its value as sent, and what that means; `hit` is None where it cannot be told."""

    header: str
    value: str
    hit: bool | None


def _by_word(value: str) -> bool | None:
    nearest = value.rpartition(",")[2]
    if _MISS.search(nearest):
        return False
    return True if _HIT.search(nearest) else None


def _cache_status(value: str) -> bool | None:
    """Read the last member, the cache nearest the client (RFC 9211, 2)."""
    try:
        parsed = http_sf.parse(value.encode("latin-1"), tltype="list")
    except (ValueError, UnicodeEncodeError):
        return None
    members = cast("Sequence[tuple[object, Mapping[str, object]]]", parsed)
    parameters = members[-1][1] if members else {}
    if "hit" in parameters:
        return bool(parameters["hit"])
    return False if "fwd" in parameters else None


def _varnish(value: str) -> bool | None:
    ids = value.split()
    return len(ids) == 2 if ids and all(one.isdecimal() for one in ids) else None


def _count(value: str) -> bool | None:
    count = whole_number(value.rpartition(",")[2])
    return None if count is None else count > 0


def _server_timing(value: str) -> bool | None:
    found = re.search(r"cdn-cache\s*;\s*desc=\"?(\w+)", value, re.IGNORECASE)
    return None if found is None else _by_word(found[1])


# From the clearest to the vaguest; the first that can be read decides.
READERS: tuple[tuple[str, Reader], ...] = (
    ("Cache-Status", _cache_status),
    ("CF-Cache-Status", _by_word),
    ("X-Cache", _by_word),
    ("X-Cache-Status", _by_word),
    ("X-Proxy-Cache", _by_word),
    ("X-Redis-Cache", _by_word),
    ("X-WP-Cache", _by_word),
    ("X-Litespeed-Cache", _by_word),
    ("X-Rack-Cache", _by_word),
    ("X-Drupal-Cache", _by_word),
    ("X-Drupal-Dynamic-Cache", _by_word),
    ("X-Varnish", _varnish),
    ("X-Cache-Hits", _count),
    ("Server-Timing", _server_timing),
)


def cache_indicator(headers: Headers) -> Indicator | None:
    """Return the clearest cache indicator of an answer; None where there is none.

    Age comes last: over 0 it means a cache (RFC 9111, 5.1), 0 or absent it says nothing.
    """
    unclear: Indicator | None = None
    for header, read in READERS:
        value = joined(headers, header)
        if value is None:
            continue
        found = Indicator(header=header, value=value[:80], hit=read(value))
        if found.hit is not None:
            return found
        if header != "Server-Timing":
            unclear = unclear or found
    age = read_age(headers)
    if age:
        return Indicator(header="Age", value=str(age), hit=True)
    return unclear


def came_from_cache(headers: Headers) -> bool | None:
    """Return whether the answer came from a cache; None where it cannot be told."""
    indicator = cache_indicator(headers)
    return None if indicator is None else indicator.hit


def word(headers: Headers) -> str:
    """Return the indicator in two words, such as `X-Cache hit`; `unknown` where there is none."""
    indicator = cache_indicator(headers)
    if indicator is None:
        return "unknown"
    meaning = {True: "hit", False: "miss", None: "unknown"}[indicator.hit]
    return f"{indicator.header} {meaning}"


def facts(status: int, headers: Headers) -> dict[str, str | int | None]:
    """Return what of an answer is worth comparing later; nothing of it is secret."""
    indicator = cache_indicator(headers)
    return {
        "status": status,
        "word": word(headers),
        "indicator": None if indicator is None else f"{indicator.header}: {indicator.value}",
        "age": read_age(headers),
        "cache_control": joined(headers, "cache-control"),
        "vary": joined(headers, "vary"),
        "etag": joined(headers, "etag"),
    }
