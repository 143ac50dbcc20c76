"""Where one may release now, in a few words for each app and environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.freezes import frozen, next_freeze
from bot.release.locking import holds
from bot.release.records import Lock, Release
from bot.release.waiting_words import holders


@dataclass(frozen=True, kw_only=True)
class PlaceNow:
    """One environment of an app: which routes are free, and until when a freeze or lock stops them.

    `stopped` says `locked` or `frozen`, empty where neither holds; `until` is its end, None where it has none,
    `why` its reason, `by` who locked it.
    `busy` are the live releases that hold the other routes, `freezes_at` when the next freeze begins.
    """

    app: str
    environment: str
    free: tuple[str, ...]
    routes: int
    busy: tuple[Release, ...]
    stopped: str = ""
    until: datetime | None = None
    why: str = ""
    by: str | None = None
    freezes_at: datetime | None = None


def places_now(
    catalog: Catalog, live: Sequence[Release], locks: Iterable[Lock], at: datetime
) -> tuple[PlaceNow, ...]:
    """Return every place of the catalog, in its order."""
    held = {(row.app, row.environment): row for row in locks}
    return tuple(
        _place(catalog, app, environment, live, held.get((app, environment)), at)
        for app, part in catalog.apps.items()
        for environment in part.environments
    )


def _place(
    catalog: Catalog,
    app: str,
    environment: str,
    live: Sequence[Release],
    lock: Lock | None,
    at: datetime,
) -> PlaceNow:
    by_route = holders(catalog, app, environment, live, at)
    busy = {row.id: row for row in by_route.values() if row is not None}
    window = frozen(catalog, app, environment, at)
    coming = next_freeze(catalog, app, environment, at)
    place = PlaceNow(
        app=app,
        environment=environment,
        free=tuple(route for route, row in by_route.items() if row is None),
        routes=len(by_route),
        busy=tuple(busy.values()),
        freezes_at=None if coming is None else coming.since,
    )
    if lock is not None and holds(lock, at):
        return replace(place, stopped="locked", until=lock.until, why=lock.reason, by=lock.by)
    if window is not None:
        return replace(place, stopped="frozen", until=window.until, why=window.reason)
    return place
