"""The rules that judge a purge by what the pages answer just before and just after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.release.header_finding import Finding, Severity
from bot.release.sight import Sight

# What whole seconds and the way of an answer can add up to.
SLACK_S = 2.0


@dataclass(frozen=True, kw_only=True)
class PageSeen:
    """One page around a purge; `after` are its looks in order, `again` the retry 1 s after a first hit.

    `purged_at` is when the look before ended (Unix time, the prober's clock). `soft_s` is for how long an old copy
    may be served on purpose, None where it may not. `refilled` where keys of the scope may be back by now: the
    bot warmed pages, looked at them between waves, or visitors came.
    """

    path: str
    before: Sight | None
    after: tuple[Sight, ...]
    purged_at: float
    again: Sight | None = None
    soft_s: float | None = None
    refilled: bool = False

    @property
    def last_word(self) -> Sight:
        """Return the look that decides about the first copy: the retry where there was one."""
        return self.again if self.again is not None and not self.again.broken else self.after[0]


def made_since(page: PageSeen, seen: Sight) -> bool | None:
    """Return whether the copy was made after the purge; None where Age is too young to tell.

    A copy was made at its arrival less its Age (RFC 9111, 4.2.3). Date is not used: a cache keeps the
    origin's (RFC 9110, 6.6.1), an app may send the present one.
    """
    if seen.age is None:
        return True if seen.hit is False else None
    if seen.age > seen.at - page.purged_at + SLACK_S:
        return False
    if seen.hit is False:
        return True
    before = page.before
    if before is None or before.age is None:
        return None
    elapsed = seen.at - before.at
    if before.age > elapsed + SLACK_S or seen.age < before.age + elapsed - SLACK_S:
        return True
    return None


def _stale_on_purpose(page: PageSeen, seen: Sight) -> bool:
    """Return whether an old copy is what was asked for, and a fresh one followed it (RFC 5861, 3)."""
    if not seen.stale and page.soft_s is None:
        return False
    if page.soft_s is None and not (page.before is not None and page.before.swr):
        return False
    later = (*page.after[1:], *(() if page.again is None else (page.again,)))
    return any(
        not one.broken and not one.stale and made_since(page, one) is not False for one in later
    )


def waits(page: PageSeen) -> bool:
    """Return whether an old copy is still served, as a soft purge lets it be."""
    seen = page.last_word
    if page.soft_s is None or not seen.hit or made_since(page, seen) is True:
        return False
    return seen.at - page.purged_at <= page.soft_s + SLACK_S


def old_copy(page: PageSeen) -> Iterator[Finding]:
    """H8: after the purge the copy must be a new one, and be there at the second look.

    Age must drop: a copy whose Age (RFC 9111, 5.1) is more than the time since the purge is older than it.
    """
    seen = page.last_word
    if made_since(page, seen) is False and not _stale_on_purpose(page, seen):
        if waits(page):
            text = f"serves its old copy on purpose for up to {page.soft_s:g} s more"
            yield Finding(rule="H8", severity=Severity.INFO, text=text)
        else:
            since = max(0, round(seen.at - page.purged_at))
            text = f"Age is {seen.age} s, {since} s after the purge: an old copy"
            yield Finding(rule="H8", severity=Severity.STOP, text=text)
    hits = [one.hit for one in page.after if not one.broken]
    if hits[:2] == [False, False] and True in hits and page.before is not None and page.before.hit:
        text = "only the third look was a hit again"
        yield Finding(rule="H8", severity=Severity.WARN, text=text)


def still_a_hit(page: PageSeen) -> Iterator[Finding]:
    """H11: the first look after the purge must be no hit of an old copy, nor 1 s later; STALE is excused once.

    A hit whose Age (RFC 9111, 5.1) shows a new copy was filled by somebody else's request. With
    stale-while-revalidate (RFC 5861, 3) or a soft purge one old answer is right, and a fresh one must follow.
    """
    first, seen = page.after[0], page.last_word
    if not first.hit or not seen.hit or True in (made_since(page, first), made_since(page, seen)):
        return
    if _stale_on_purpose(page, first) or waits(page):
        return
    if made_since(page, seen) is None and page.refilled:
        text = "still a hit, and no Age tells whether somebody filled it since"
        yield Finding(rule="H11", severity=Severity.WARN, text=text)
        return
    yield Finding(
        rule="H11",
        severity=Severity.STOP,
        text="still a hit after the purge: it purged nothing here",
    )


def no_longer_stored(page: PageSeen) -> Iterator[Finding]:
    """H10: a page that was a hit before must not be three misses after; the cause is told (RFC 9111, 3)."""
    seen = [one for one in page.after if not one.broken]
    if page.before is None or not page.before.hit or len(seen) < 3:
        return
    if any(one.hit is not False for one in seen):
        return
    was, now = (one.cache_control or "none" for one in (page.before, seen[-1]))
    why = (
        f"Cache-Control {was[:50]} -> {now[:50]}" if was != now else "its Cache-Control is the same"
    )
    yield Finding(rule="H10", severity=Severity.STOP, text=f"no longer stored, three misses: {why}")


def neighbour_lost(page: PageSeen) -> Iterator[Finding]:
    """H9: a page that is no part of the release must still be a hit, and its Age must go on rising.

    Age_after is at least Age_before and the time between (RFC 9111, 5.1); one that may have run out by itself
    (RFC 9111, 4.2) asks a person.
    """
    before, after = page.before, page.after[0]
    if before is None or not before.hit or after.broken or after.hit is None:
        return
    elapsed = after.at - before.at
    if after.hit and not _remade(before, after, elapsed):
        return
    what = "a miss now" if not after.hit else f"Age {before.age} -> {after.age}"
    if _may_have_expired(before, elapsed):
        text = f"no longer the same copy ({what}), or it ran out by itself"
        yield Finding(rule="H9", severity=Severity.WARN, text=text)
        return
    yield Finding(rule="H9", severity=Severity.STOP, text=f"purged too, {what}: purged too much")


def _remade(before: Sight, after: Sight, elapsed: float) -> bool:
    if before.age is None or after.age is None or before.age <= elapsed + SLACK_S:
        return False
    return after.age < before.age + elapsed - SLACK_S


def _may_have_expired(before: Sight, elapsed: float) -> bool:
    if before.ttl is None:
        return False
    if before.age is None:
        # Nobody knows how old it was: one in twenty is too often for an alarm at night.
        return before.ttl < 20 * elapsed
    return before.age + elapsed + SLACK_S >= before.ttl


ON_PAGES: tuple[Callable[[PageSeen], Iterator[Finding]], ...] = (
    still_a_hit,
    old_copy,
    no_longer_stored,
)
ON_NEIGHBOURS: tuple[Callable[[PageSeen], Iterator[Finding]], ...] = (neighbour_lost,)
