"""The rules that an answer's cache headers are judged by, one function each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.release.cache_headers import (
    CacheControl,
    Headers,
    read_cache_control,
    read_targeted,
    shared_seconds,
    shared_storable,
    values_of,
    varies_by,
    whole_number,
)


class Severity(StrEnum):
    """What a finding means for the release: stop it, or ask a person."""

    STOP = "stop"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as the rules see it; `personal` where an account's cookie was sent, `at` is Unix time."""

    headers: Headers
    at: float
    personal: bool
    from_cache: bool | None


Rule = Callable[[Answer], Iterator[str]]


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule's place in the table."""

    name: str
    severity: Severity
    says: str
    finds: Rule


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule found, as the end of a sentence about the page."""

    rule: str
    severity: Severity
    text: str


def personal_is_shared(answer: Answer) -> Iterator[str]:
    """Find a personal answer that a shared cache may keep.

    A Cookie in the request does not stop a shared cache (RFC 9111, 3); no-store, private or a Vary
    by Cookie or Authorization does (RFC 9111, 4.1 and 5.2.2).
    """
    if not answer.personal or not shared_storable(answer.headers, answer.at):
        return
    if varies_by(answer.headers) & {"cookie", "authorization", "*"}:
        return
    seconds = shared_seconds(answer.headers, answer.at)
    yield f"a signed-in answer may be kept for everybody for {seconds} s"


def cookie_is_cached(answer: Answer) -> Iterator[str]:
    """Find a Set-Cookie that a cache gives, or may give, to everybody (RFC 9111, 7.3)."""
    if not values_of(answer.headers, "set-cookie"):
        return
    if answer.from_cache:
        yield "a Set-Cookie came out of the cache"
    elif shared_storable(answer.headers, answer.at):
        yield "an answer with Set-Cookie may be kept for everybody"


def words_conflict(answer: Answer) -> Iterator[str]:
    """Find Cache-Control or Age that different caches will read differently (RFC 9111, 4.2.1, 5.1 and 5.2)."""
    yield from _conflicts("Cache-Control", read_cache_control(answer.headers))
    targeted = read_targeted(answer.headers)
    if targeted is not None:
        yield from _conflicts("CDN-Cache-Control", targeted)
    ages = values_of(answer.headers, "age")
    if len(set(ages)) > 1 or any(whole_number(age) is None for age in ages):
        yield f"Age is not one whole number: {', '.join(ages)[:60]}"


def _conflicts(field: str, rules: CacheControl) -> Iterator[str]:
    for text in rules.broken:
        yield f"{field} cannot be read at: {text}"
    if rules.has("public") and rules.has("private"):
        yield f"{field} says both public and private"
    if rules.has("no-store") and max(rules.seconds("max-age") or 0, rules.seconds("s-maxage") or 0):
        yield f"{field} says no-store and a time to keep it"
    for name, values in rules.values.items():
        if len(set(values)) > 1:
            shown = ", ".join(value or "nothing" for value in values)
            yield f"{field} gives {name} more than once: {shown[:60]}"


RULES: tuple[RuleLine, ...] = (
    RuleLine(
        name="H1",
        severity=Severity.STOP,
        says="no signed-in answer may be kept for everybody",
        finds=personal_is_shared,
    ),
    RuleLine(
        name="H2",
        severity=Severity.STOP,
        says="no Set-Cookie is cached",
        finds=cookie_is_cached,
    ),
    RuleLine(
        name="H4",
        severity=Severity.WARN,
        says="the cache headers do not contradict themselves",
        finds=words_conflict,
    ),
)


def findings(answer: Answer, rules: tuple[RuleLine, ...] = RULES) -> tuple[Finding, ...]:
    """Return what every rule finds, in the order of the table."""
    return tuple(
        Finding(rule=line.name, severity=line.severity, text=text)
        for line in rules
        for text in line.finds(answer)
    )
