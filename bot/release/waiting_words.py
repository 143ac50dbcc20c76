"""The sentences about those who wait, and the finding of what they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.release.ask import Ask, find_place
from bot.release.catalog import Catalog
from bot.release.finding import find_routes
from bot.release.opening import scope_of
from bot.release.queueing import Held, Wait, Wants, number_in_queue, shares
from bot.release.records import Release, Story
from bot.release.refusal import Code, Refusal


def wait_for(ask: Ask, catalog: Catalog, story: Story | None, wants: Wants) -> Wait:
    """Return what the asker waits for: the routes that were named, or those of a release."""
    if story is not None and not ask.words and "routes" not in ask.fields:
        release = story.release
        app, environment, routes = release.app, release.environment, release.routes
    else:
        place = find_place(ask, catalog)
        named = ask.words[1:] or tuple(filter(None, ask.fields.get("routes", "").split(",")))
        found = find_routes(place.app, named)
        app, environment, routes = place.name, place.environment, tuple(name for name, _ in found)
    redis, patterns = scope_of(catalog, app, environment, routes)
    return Wait(
        app=app,
        environment=environment,
        routes=routes,
        place=redis,
        patterns=patterns,
        who=ask.who.id,
        wants=wants,
        behind=None,
        asked_at=ask.at,
    )


def holder_of(wait: Wait, live: Iterable[Release], catalog: Catalog) -> Release | None:
    """Return the live release that holds some of the keys that are waited for, None where they are free."""
    for row in live:
        same = (row.app, row.environment) == (wait.app, wait.environment)
        if same and set(row.routes) & set(wait.routes):
            return row
        scope = _scope_now(row, catalog)
        if scope is None and same:
            return row
        if scope is not None and shares(wait.place, wait.patterns, scope):
            return row
    return None


def _scope_now(row: Release, catalog: Catalog) -> Held | None:
    """Return what a release holds; None where the catalog no longer knows its routes."""
    app = catalog.apps.get(row.app)
    if (
        app is None
        or row.environment not in app.environments
        or not set(row.routes) <= {*app.routes}
    ):
        return None
    place, patterns = scope_of(catalog, row.app, row.environment, row.routes)
    return Held(release=row.id, place=place, patterns=patterns)


def holders(
    catalog: Catalog, app: str, environment: str, live: Sequence[Release], at: datetime
) -> Mapping[str, Release | None]:
    """Return for each route of an app the live release that holds some of its keys."""
    found = {}
    for route in catalog.apps[app].routes:
        place, patterns = scope_of(catalog, app, environment, (route,))
        wait = Wait(
            app=app,
            environment=environment,
            routes=(route,),
            place=place,
            patterns=patterns,
            who="",
            wants=Wants.NOTIFY,
            behind=None,
            asked_at=at,
        )
        found[route] = holder_of(wait, live, catalog)
    return found


def wanted_words(wait: Wait) -> str:
    """Return what is waited for: `shop production products, prices`."""
    return f"{wait.app} {wait.environment} {', '.join(wait.routes)}"


def queue_lines(waits: Sequence[Wait]) -> tuple[str, ...]:
    """Return a line for each person in the queue, first come first."""
    return tuple(
        f"Queue: {number_in_queue(row, waits)}. <@{row.who}> for {wanted_words(row)}"
        f"{'' if row.behind is None else f', behind R-{row.behind}'}, "
        f"since {row.asked_at:%Y-%m-%d %H:%M} UTC"
        f"{'' if row.told_at is None else f'; told at {row.told_at:%Y-%m-%d %H:%M} UTC that it is their turn'}"
        for row in waits
        if row.wants is Wants.QUEUE
    )


def must_be_told(who: str) -> None:
    """Refuse somebody whom nobody can tell: a terminal gets no message."""
    if who.startswith("terminal:"):
        raise Refusal(
            code=Code.BAD_REQUEST,
            failed="Not noted: at a terminal nobody can be told later.",
            expected="the same in Slack, or `cache-release status` from time to time.",
            retry_is_safe=True,
        )
