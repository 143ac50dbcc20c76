"""The rules that compare several answers of one page: with the one before, with each other, with themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.release.header_finding import Finding, Severity
from bot.release.sight import Sight

# In the order they are told: what is kept, and what the words beside it are.
_COMPARED: tuple[tuple[str, str], ...] = (
    ("ttl", "the time to keep it"),
    ("s_maxage", "s-maxage"),
    ("swr", "stale-while-revalidate"),
    ("sie", "stale-if-error"),
    ("vary", "Vary"),
    ("etag", "the kind of ETag"),
    ("encoding", "Content-Encoding"),
    ("indicator", "the header that tells hit from miss"),
)
MANY = 5
MOST = 10


def changed_since(before: Sight | None, after: Sight) -> tuple[Finding, ...]:
    """H6: find what changed since the look before, and stop where a shared cache may keep it no more, or now may.

    Storing is RFC 9111, 3; the time to keep it 4.2.1; s-maxage 5.2.2.10; stale-while-revalidate and
    stale-if-error RFC 5861; Vary, ETag and Content-Encoding RFC 9110, 12.5.5, 8.8.3 and 8.4.
    """
    if before is None or before.broken or after.broken or before.status != after.status:
        return ()
    found = []
    if before.storable is not after.storable:
        now = "may keep it now" if after.storable else "may keep it no more"
        text = f"a shared cache {now} ({_words(before)} -> {_words(after)})"
        found.append(Finding(rule="H6", severity=Severity.STOP, text=text))
    for name, words in _COMPARED:
        # An expiry that is counted from an Expires header moves by a second with its rounding.
        was, now = getattr(before, name), getattr(after, name)
        if was == now or (name == "ttl" and before.s_maxage != after.s_maxage):
            continue
        if name == "ttl" and None not in (was, now) and abs(was - now) <= 1:
            continue
        text = f"{words} changed: {_shown(was)} -> {_shown(now)}"
        found.append(Finding(rule="H6", severity=Severity.WARN, text=text))
    return tuple(found)


def _words(sight: Sight) -> str:
    return (sight.cache_control or "no Cache-Control")[:60]


def _shown(value: object) -> str:
    return "none" if value is None else str(value)[:60]


def is_mixed(hits: Sequence[bool | None]) -> bool:
    """Return whether a miss follows a hit: one cache that keeps a page does not answer so."""
    return any(hit and False in hits[place:] for place, hit in enumerate(hits))


def several_nodes(sights: Sequence[Sight]) -> Iterator[Finding]:
    """H12: find several cache nodes behind one name: hits and misses in turn, each copy with an Age of its own.

    A miss before the first hit is only the copy being made. Age is RFC 9111, 5.1: it is a copy's own.
    """
    told = [sight for sight in sights if not sight.broken and sight.hit is not None]
    if len(told) < MANY or not is_mixed([sight.hit for sight in told]):
        return
    hits = sum(sight.hit is True for sight in told)
    ages = sorted({sight.age for sight in told if sight.age is not None})
    shown = f", Age {', '.join(map(str, ages[:5]))}" if len(ages) > 1 else ""
    text = f"{hits} of {len(told)} answers were hits{shown}: several cache nodes"
    yield Finding(rule="H12", severity=Severity.INFO, text=text)


def revalidates(first: Sight, again: Sight) -> Iterator[Finding]:
    """H13: find a page that is sent whole although its ETag is the same, or a 304 that says something else.

    If-None-Match with the ETag that was seen gives 304 (RFC 9110, 13.1.2), with the Cache-Control and Vary
    that 200 would have (RFC 9110, 15.4.5).
    """
    if again.broken or first.broken:
        return
    if again.status != 304:
        text = f"its own ETag gives {again.status}, not 304: browsers fetch it whole each time"
        yield Finding(rule="H13", severity=Severity.INFO, text=text)
        return
    for name, was, now in (
        ("Cache-Control", first.cache_control, again.cache_control),
        ("Vary", first.vary, again.vary),
    ):
        if was != now:
            text = f"304 has another {name}: {_shown(was)} -> {_shown(now)}"
            yield Finding(rule="H13", severity=Severity.INFO, text=text)
