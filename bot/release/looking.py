"""A look outside a release, as the change that asks for it."""

from __future__ import annotations

from bot.release.ask import Ask, find_place
from bot.release.catalog import Catalog
from bot.release.finding import find_routes
from bot.release.records import Action, ActionKind, Change, Json


def look_request(
    kind: ActionKind, ask: Ask, catalog: Catalog, args: Json | None = None
) -> tuple[Change, str]:
    """Return the change that asks for a look, and what is looked at: `products of shop production`.

    The ask's words are the app and its routes; `args` is what else the look is asked with.
    """
    place = find_place(ask, catalog)
    routes = [route for route, _ in find_routes(place.app, ask.words[1:])]
    where = f"{place.name}:{place.environment}:{'+'.join(routes)}"
    request = Action(
        key=f"{kind}:{where}:{ask.who.id}:{int(ask.at.timestamp() * 1000)}",
        kind=kind,
        partition=f"look:{place.name}/{place.environment}",
        release_id=None,
        step=None,
        args={
            "app": place.name,
            "environment": place.environment,
            "routes": routes,
            **(args or {}),
        },
        channel=ask.channel,
        asked_by=ask.who.id,
        asked_at=ask.at,
    )
    change = Change(
        act=str(kind),
        by=ask.who.id,
        at=ask.at,
        body=request.args,
        requests=(request,),
        cards=(f"action:{request.key}",),
    )
    return change, f"{', '.join(routes)} of {place.name} {place.environment}"
