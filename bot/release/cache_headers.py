"""What the headers of an answer say about caching it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import http_sf

Headers = tuple[tuple[str, str], ...]

# What a browser sends: another Accept-Encoding is another copy in a cache that varies by it.
BROWSER_HEADERS: Headers = (
    ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("Accept-Encoding", "gzip, deflate"),
)

# What only shared caches read, from the narrowest target to the widest.
TARGETED = (
    "Vercel-CDN-Cache-Control",
    "Cloudflare-CDN-Cache-Control",
    "CDN-Cache-Control",
    "Surrogate-Control",
)

_DIRECTIVE = re.compile(
    r"\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)"
    r'(?:=(?P<value>"(?:[^"\\]|\\.)*"|[!#$%&\'*+.^_`|~0-9A-Za-z-]+))?\s*(?:,|$)'
)
_SECONDS = frozenset({"max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"})


@dataclass(frozen=True, kw_only=True)
class CacheControl:
    """Directives in lower case, each with every value it was given; `broken` is text that is no directive."""

    values: Mapping[str, tuple[str | None, ...]]
    broken: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Return whether the directive is given for the whole answer, not for named fields only."""
        return any(value is None for value in self.values.get(name, ()))

    def seconds(self, name: str) -> int | None:
        """Return the directive's seconds, the smallest of several, 0 where none is a number (RFC 9111, 4.2.1)."""
        given = self.values.get(name)
        if given is None:
            return None
        numbers = [whole_number(value or "") for value in given]
        return min((number for number in numbers if number is not None), default=0)


def whole_number(text: str) -> int | None:
    """Return delta-seconds, at most 2^31 (RFC 9111, 1.2.2); None where the text is no whole number."""
    digits = text.strip()
    return min(int(digits[:11]), 2**31) if digits.isdecimal() and digits.isascii() else None


def values_of(headers: Headers, name: str) -> tuple[str, ...]:
    """Return every value of a field, in order."""
    return tuple(value for key, value in headers if key.lower() == name.lower())


def joined(headers: Headers, name: str) -> str | None:
    """Return the values of a field as one list (RFC 9110, 5.3); None where it is absent."""
    values = values_of(headers, name)
    return ", ".join(values) if values else None


def read_cache_control(headers: Headers, *, field: str = "Cache-Control") -> CacheControl:
    """Read Cache-Control (RFC 9111, 5.2), or another field of its form."""
    found: dict[str, tuple[str | None, ...]] = {}
    broken: list[str] = []
    for text in values_of(headers, field):
        for name, value in _directives(text, broken):
            found[name] = (*found.get(name, ()), value)
    for name in found.keys() & _SECONDS:
        wrong = (value or "" for value in found[name])
        broken += [f"{name}={value}" for value in wrong if whole_number(value) is None]
    return CacheControl(values=found, broken=tuple(broken))


def _directives(text: str, broken: list[str]) -> Iterator[tuple[str, str | None]]:
    place = 0
    while place < len(text):
        if text[place] in " \t,":
            place += 1
            continue
        match = _DIRECTIVE.match(text, place)
        if match is None:
            broken.append(text[place:].strip()[:60])
            return
        value = match["value"]
        yield match["name"].lower(), value.strip('"') if value is not None else None
        place = match.end()


def read_targeted(headers: Headers) -> CacheControl | None:
    """Read the field that is meant for shared caches alone (RFC 9213, 2.2); None where there is none.

    The first that is valid counts; where none is, the first that is broken. Surrogate-Control is older and no
    structured field: it is read like Cache-Control.
    """
    found = [rules for _, rules in targeted_fields(headers)]
    return next((rules for rules in found if rules.values), found[0] if found else None)


def targeted_fields(headers: Headers) -> Iterator[tuple[str, CacheControl]]:
    """Yield each targeted field that is there, from the narrowest target to the widest."""
    for name in TARGETED:
        text = joined(headers, name)
        if text is not None:
            old = name == "Surrogate-Control"
            yield name, read_cache_control(headers, field=name) if old else _dictionary(text)


def _dictionary(text: str) -> CacheControl:
    """Read a structured field; one that does not parse is broken as a whole and ignored (RFC 9213, 2.1)."""
    try:
        parsed = http_sf.parse(text.encode("latin-1"), tltype="dictionary")
    except (ValueError, UnicodeEncodeError):
        return CacheControl(values={}, broken=(text[:60],))
    members = cast("Mapping[str, tuple[object, object]]", parsed)
    return CacheControl(
        values={name: (None if item is True else str(item),) for name, (item, _) in members.items()}
    )


def shared_rules(headers: Headers) -> CacheControl:
    """Return what binds a shared cache: the targeted field where it is valid, else Cache-Control (RFC 9213, 2.1)."""
    targeted = read_targeted(headers)
    if targeted is not None and targeted.values:
        return targeted
    return read_cache_control(headers)


def shared_seconds(headers: Headers, at: float) -> int | None:
    """Return for how long a shared cache may keep the answer, by explicit words alone (RFC 9111, 4.2.1).

    The order is targeted, s-maxage, max-age, Expires less Date. `at` is the Unix time that stands in for Date.
    None where nothing explicit is said.
    """
    rules = shared_rules(headers)
    for name in ("s-maxage", "max-age"):
        seconds = rules.seconds(name)
        if seconds is not None:
            return seconds
    expires = values_of(headers, "expires")
    if not expires:
        return None
    until = _moment(expires[0])
    sent = _moment(next(iter(values_of(headers, "date")), ""))
    since = sent if sent is not None else datetime.fromtimestamp(at, tz=UTC)
    return 0 if until is None else max(0, int((until - since).total_seconds()))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def shared_storable(headers: Headers, at: float) -> bool:
    """Return whether a shared cache is told to keep the answer: no no-store, no private, explicit seconds over 0."""
    rules = shared_rules(headers)
    if rules.has("no-store") or rules.has("private"):
        return False
    return (shared_seconds(headers, at) or 0) > 0


def varies_by(headers: Headers) -> frozenset[str]:
    """Return the names of the Vary field in lower case (RFC 9110, 12.5.5)."""
    listed = joined(headers, "vary") or ""
    return frozenset(name.strip().lower() for name in listed.split(",") if name.strip())


def read_age(headers: Headers) -> int | None:
    """Return Age in seconds; None where it is absent or no whole number (RFC 9111, 5.1)."""
    values = values_of(headers, "age")
    return whole_number(values[0]) if values else None
