"""Which pages are asked for just before a purge and just after it, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.release.cache_headers import BROWSER_HEADERS, Headers
from bot.release.catalog import App, Route
from bot.release.own_indicator import OwnIndicator
from bot.release.sight import Sight

# One page of the neighbours is enough to see that a pattern was too wide; each costs visitors nothing.
MOST_NEIGHBOURS = 3
RETRY_S = 1.0
# A soft purge whose old copies go within this is waited for.
SOON_S = 15.0
PLAIN_HEADERS: Headers = (BROWSER_HEADERS[0], ("Accept-Encoding", "identity"))


@dataclass(frozen=True, kw_only=True)
class PageGet:
    """One anonymous GET; `identity` without compression. `after_s` is a wait before it, in seconds.

    `after_hit` and `after_miss` are labels of earlier GETs of the page that must have ended so.
    """

    label: str
    identity: bool = False
    after_hit: str | None = None
    after_miss: str | None = None
    after_s: float = 0.0

    @property
    def headers(self) -> Headers:
        """Return what is sent with it: what a browser sends, compressed or not."""
        return PLAIN_HEADERS if self.identity else BROWSER_HEADERS


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page to look at around a purge; a neighbour is no part of the release."""

    path: str
    neighbour: bool
    personalised: bool = False
    soft_s: float | None = None
    indicator: OwnIndicator | None = None


BEFORE: tuple[PageGet, ...] = (
    PageGet(label="before"),
    PageGet(label="before again", after_miss="before"),
)
IDENTITY_BEFORE: tuple[PageGet, ...] = (
    PageGet(label="identity before", identity=True),
    PageGet(label="identity before again", identity=True, after_miss="identity before"),
)
NEIGHBOUR_AFTER: tuple[PageGet, ...] = (PageGet(label="still"),)


def gets_after(page: Page, before: Mapping[str, Sight]) -> tuple[PageGet, ...]:
    """Return the looks at a page after the purge: two, a retry after a first hit, a third after a second miss.

    Where the page varies by Accept-Encoding its uncompressed form is another copy (RFC 9111, 4.1) and is looked
    at too. A retry waits until an old copy may be served no more, where that is soon.
    """
    if page.neighbour:
        return NEIGHBOUR_AFTER
    soon = page.soft_s is not None and page.soft_s <= SOON_S
    retry_s = RETRY_S + page.soft_s if soon and page.soft_s is not None else RETRY_S
    varies = any("accept-encoding" in (sight.vary or "") for sight in before.values())
    return _after(retry_s, "") + (_after(retry_s, "identity ") if varies else ())


def _after(retry_s: float, name: str) -> tuple[PageGet, ...]:
    identity = bool(name)
    return (
        PageGet(label=f"{name}1", identity=identity),
        PageGet(label=f"{name}again", identity=identity, after_hit=f"{name}1", after_s=retry_s),
        PageGet(label=f"{name}2", identity=identity),
        PageGet(label=f"{name}3", identity=identity, after_miss=f"{name}2"),
    )


def pages_around(app: App, routes: Sequence[tuple[str, Route]]) -> tuple[Page, ...]:
    """Return the pages of the routes, then at most three that the purge must not touch.

    Those are the routes' control pages, then the first page of each other route of the app.
    """
    own = {
        path: Page(
            path=path,
            neighbour=False,
            personalised=route.personalised,
            soft_s=soft_seconds(route),
            indicator=route.indicator,
        )
        for _, route in routes
        for path in route.paths
    }
    near: dict[str, Page] = {}
    for path, indicator in _neighbours(app, routes):
        if path not in own and len(near) < MOST_NEIGHBOURS:
            near.setdefault(path, Page(path=path, neighbour=True, indicator=indicator))
    return (*own.values(), *near.values())


def _neighbours(
    app: App, routes: Sequence[tuple[str, Route]]
) -> Iterator[tuple[str, OwnIndicator | None]]:
    chosen = {name for name, _ in routes}
    for _, route in routes:
        if route.control is not None:
            yield route.control, route.indicator
    for name, route in app.routes.items():
        if name not in chosen:
            yield route.paths[0], route.indicator


def soft_seconds(route: Route) -> float | None:
    """Return for how long a purged page of the route may show its old copy; None where it may not."""
    return None if route.soft_ttl is None else float(route.soft_ttl)
