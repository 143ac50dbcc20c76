"""The rules that an answer's cache headers are judged by, one function each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.release.cache_headers import (
    CacheControl,
    Headers,
    read_cache_control,
    shared_rules,
    shared_seconds,
    shared_storable,
    targeted_fields,
    values_of,
    varies_by,
    whole_number,
)
from bot.release.header_finding import Finding, Severity


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as the rules see it; `personal` where an account's cookie was sent, `at` is Unix time.

    `personalised` and `bypassed` are what the catalog says of the route: its pages show who is signed in, and
    the cache steps aside for a cookie. `expected` where the page is there to be cached.
    """

    headers: Headers
    at: float
    personal: bool
    from_cache: bool | None
    status: int = 200
    personalised: bool = False
    bypassed: bool = False
    expected: bool = False


# Statuses that a cache may keep without being told how long, of those that a page of a route has.
HEURISTIC = frozenset({200, 301, 404})

Rule = Callable[[Answer], Iterator[str]]


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule's place in the table; `personal` is its severity for an answer to a signed-in request."""

    name: str
    severity: Severity
    says: str
    finds: Rule
    personal: Severity | None = None

    def severity_for(self, answer: Answer) -> Severity:
        """Return how grave a finding on this answer is."""
        return self.personal if answer.personal and self.personal else self.severity


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


def anonymous_copy_for_all(answer: Answer) -> Iterator[str]:
    """Find a page that shows who is signed in, and whose anonymous copy a cache may give to everybody.

    A Cookie in the request is no part of the cache key by itself (RFC 9111, 4.1): Vary, or a cookie for
    which the cache steps aside, keeps the copy from those who are signed in.
    """
    if answer.personal or not answer.personalised or answer.bypassed:
        return
    if shared_storable(answer.headers, answer.at) and not varies_by(answer.headers) & {
        "cookie",
        "*",
    }:
        yield "Vary does not name Cookie, so the signed-in may get the anonymous copy"


def words_conflict(answer: Answer) -> Iterator[str]:
    """Find Cache-Control or Age that different caches will read differently (RFC 9111, 4.2.1, 5.1 and 5.2)."""
    yield from _conflicts("Cache-Control", read_cache_control(answer.headers))
    for field, targeted in targeted_fields(answer.headers):
        yield from _conflicts(field, targeted)
    ages = values_of(answer.headers, "age")
    if len(set(ages)) > 1 or any(whole_number(age) is None for age in ages):
        yield f"Age is not one whole number: {', '.join(ages)[:60]}"


def only_caches_keep_it(answer: Answer) -> Iterator[str]:
    """Find no-store or private for browsers, and a time to keep it for shared caches (RFC 9213, 2.1)."""
    rules = read_cache_control(answer.headers)
    forbidden = next((word for word in ("no-store", "private") if rules.has(word)), None)
    if forbidden is None or not shared_storable(answer.headers, answer.at):
        return
    for field, targeted in targeted_fields(answer.headers):
        if seconds := max(targeted.seconds("s-maxage") or 0, targeted.seconds("max-age") or 0):
            yield f"Cache-Control says {forbidden}, and {field} lets caches keep it for {seconds} s"
            return


def nothing_says_how_long(answer: Answer) -> Iterator[str]:
    """Find a page that is there to be cached and says nothing of how long: each cache guesses (RFC 9111, 4.2.2)."""
    if not answer.expected or answer.status not in HEURISTIC:
        return
    rules = shared_rules(answer.headers)
    if any(rules.has(word) for word in ("no-store", "private", "no-cache")):
        return
    if shared_seconds(answer.headers, answer.at) is None:
        yield "no header says how long it may be kept, so each cache guesses"


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
        name="H3",
        severity=Severity.WARN,
        says="the anonymous copy of a personalised page is not given to the signed-in",
        finds=anonymous_copy_for_all,
    ),
    RuleLine(
        name="H4",
        severity=Severity.WARN,
        says="the cache headers do not contradict themselves",
        finds=words_conflict,
    ),
    RuleLine(
        name="H5",
        severity=Severity.WARN,
        personal=Severity.STOP,
        says="what browsers may not keep, shared caches are not told to keep",
        finds=only_caches_keep_it,
    ),
    RuleLine(
        name="H7",
        severity=Severity.WARN,
        says="a page that is there to be cached says for how long",
        finds=nothing_says_how_long,
    ),
)


def findings(answer: Answer, rules: tuple[RuleLine, ...] = RULES) -> tuple[Finding, ...]:
    """Return what every rule finds, in the order of the table."""
    return tuple(
        Finding(rule=line.name, severity=line.severity_for(answer), text=text)
        for line in rules
        for text in line.finds(answer)
    )
