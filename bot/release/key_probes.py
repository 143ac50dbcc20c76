"""How it is proven that a key of this run is one, and that the cache keeps what it should."""

from __future__ import annotations

from bot.release.cache_headers import joined, varies_by
from bot.release.header_rules import cookie_is_cached
from bot.release.probe_gets import PROOF
from bot.release.visit import PASS, Judged, Result, Visit

_UNSAFE = "cannot be tested safely, because"
_ANYBODY = ("key", "key again", PROOF, "public")


def query_is_keyed(visit: Visit) -> Judged:
    """K0: two keys that were never asked for are plain misses, or nothing personal may be asked for."""
    if visit.hit("key", PROOF):
        return Result.FAIL, f"{_UNSAFE} the query is no part of the cache key"
    for label in ("key", PROOF):
        if (trouble := visit.trouble(label)) is not None and visit.sent(label):
            return Result.UNSURE, f"{_UNSAFE} a page did not come ({trouble})"
        if visit.pages[label].from_cache is None:
            return Result.UNSURE, f"{_UNSAFE} no header says whether a page was cached"
    return PASS


def pages_are_kept(visit: Visit) -> Judged:
    """C1: a new key is a miss and then a hit; a page that may not be cached is a miss twice (RFC 9111, 3)."""
    if visit.hit("key"):
        return Result.UNTESTED, ""
    trouble = visit.trouble("key", "key again")
    if trouble is not None:
        return Result.UNSURE, f"an anonymous page did not come ({trouble})"
    second = visit.pages["key again"].from_cache
    if second is None:
        return Result.UNSURE, "no header says whether the page is cached"
    if second:
        return PASS
    if visit.storable("key again"):
        return (
            Result.FAIL,
            "the page may be cached, and the second answer did not come from the cache",
        )
    return Result.PASS, "the page is not cached"


def no_cookie_is_kept(visit: Visit) -> Judged:
    """C2: no Set-Cookie comes out of the cache or may go into it: rule H2 (RFC 9111, 7.3)."""
    for answer in visit.answers(*_ANYBODY, personal=False):
        for text in cookie_is_cached(answer):
            return Result.FAIL, text
    trouble = visit.trouble("key", "key again")
    return (
        PASS if trouble is None else (Result.UNSURE, f"an anonymous page did not come ({trouble})")
    )


def cache_tells_people_apart(visit: Visit) -> Judged:
    """L6: a page that is cached for anybody varies by Cookie (RFC 9111, 4.1), or the route names a bypass cookie."""
    kept = [label for label in ("key again", "public") if visit.hit(label) or visit.storable(label)]
    bare = [
        label
        for label in kept
        if not varies_by(visit.pages[label].headers) & {"cookie", "authorization", "*"}
    ]
    if visit.bypassed or not bare:
        return PASS
    vary = joined(visit.pages[bare[0]].headers, "vary")
    return (
        Result.WARN,
        f"the cached page does not vary by Cookie (Vary: {(vary or 'none')[:60]}),"
        " and the catalog names no bypass_cookie",
    )


def foreign_host_is_forgotten(visit: Visit) -> Judged:
    """X1: a host that a stranger names in X-Forwarded-Host is not in the next visitor's answer."""
    if not visit.sent("canary", "after canary"):
        return Result.UNTESTED, ""
    page = visit.pages["after canary"]
    trouble = visit.trouble("after canary")
    if trouble is not None:
        return Result.UNSURE, f"an anonymous page did not come ({trouble})"
    if any(visit.canary in text for text in (page.body, *(value for _, value in page.headers))):
        return Result.FAIL, "a host that a stranger sent in X-Forwarded-Host is kept for everybody"
    return PASS
