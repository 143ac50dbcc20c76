"""How the headers of the same pages differ between two environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.release.cache_headers import Headers, joined
from bot.release.cache_indicator import cache_indicator
from bot.release.key_compare import Difference

# Their values decide what a cache does (RFC 9111, 5.2; RFC 9213; RFC 9110, 12.5.5).
WEIGHTY = ("Cache-Control", "CDN-Cache-Control", "Surrogate-Control", "Vary")
SHOWN = ("Content-Encoding", "Server", "Via")
# These differ between any two answers, or are compared by another rule.
PASSING = frozenset(
    {"age", "date", "content-length", "connection", "keep-alive", "etag", "expires"}
)


def of_pages(
    here: Mapping[str, tuple[int, Headers]], there: Mapping[str, tuple[int, Headers]]
) -> Iterator[Difference]:
    """Compare status, cache headers, indicator and the names of all headers of each page that both answered."""
    for path in here:
        if path in there:
            yield from _of_page(path, here[path], there[path])


def _of_page(
    path: str, here: tuple[int, Headers], there: tuple[int, Headers]
) -> Iterator[Difference]:
    if here[0] != there[0]:
        yield Difference(
            what=f"status of {path}",
            here=str(here[0]),
            there=str(there[0]),
            why="the page does not answer alike",
        )
    mine, other = here[1], there[1]
    for name in (*WEIGHTY, *SHOWN):
        one, two = joined(mine, name), joined(other, name)
        if one != two:
            why = "caches treat the page differently" if name in WEIGHTY else ""
            yield Difference(
                what=f"{name} of {path}", here=one or "none", there=two or "none", why=why
            )
    yield from _of_names(path, mine, other)


def _of_names(path: str, mine: Headers, other: Headers) -> Iterator[Difference]:
    if _indicator(mine) != _indicator(other):
        yield Difference(
            what=f"cache indicator of {path}",
            here=_indicator(mine),
            there=_indicator(other),
            why="another cache answers",
        )
    compared = PASSING | {name.lower() for name in (*WEIGHTY, *SHOWN)}
    compared |= {_indicator(mine).lower(), _indicator(other).lower()}
    one = {name.lower() for name, _ in mine} - compared
    two = {name.lower() for name, _ in other} - compared
    if one != two:
        cookies = ("set-cookie" in one) != ("set-cookie" in two)
        yield Difference(
            what=f"headers of {path}",
            here=f"alone {', '.join(sorted(one - two)) or 'none'}",
            there=f"alone {', '.join(sorted(two - one)) or 'none'}",
            why="only one of them sets a cookie" if cookies else "",
        )


def _indicator(headers: Headers) -> str:
    found = cache_indicator(headers)
    return "none" if found is None or found.header == "Age" else found.header
