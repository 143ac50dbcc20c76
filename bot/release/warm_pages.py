"""Which pages are fetched to fill the cache again after a wave."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.release.catalog import Route
from bot.release.plan import Plan
from bot.release.scope import literal_prefix, matches, neighbour

MOST = 50
PAGE = re.compile(r"/(?!/)[!-\"$&-\[\]-~]{0,500}")


def pages_to_warm(routes: Sequence[tuple[str, Route]], plan: Plan | None) -> tuple[str, ...]:
    """Return the pages of the routes that want it: their paths, then those that sampled keys name; at most 50.

    A key names a page where its pattern's fixed part holds a `/`: all from there on is the page. A
    neighbour's page is none of the route's.
    """
    warm = [route for _, route in routes if route.warm]
    paths = [path for route in warm for path in route.paths]
    sampled = [page for route in warm for page in _sampled(route, plan)]
    return tuple(dict.fromkeys([*paths, *sampled]))[:MOST]


def _sampled(route: Route, plan: Plan | None) -> Iterator[str]:
    for row in () if plan is None else plan.patterns:
        if row.pattern not in route.keys or "/" not in literal_prefix(row.pattern):
            continue
        start = literal_prefix(row.pattern).index("/")
        for name in row.sample:
            key = name.encode()
            page = name[start:]
            own = matches(row.pattern, key) and neighbour(row.pattern, key) is None
            if own and PAGE.fullmatch(page):
                yield page
