"""A look outside a release, as the change that asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.finding import (
    default_environment,
    find_app,
    find_environment,
    find_routes,
)
from bot.release.records import Action, ActionKind, Change


def look_request(
    kind: ActionKind,
    words: Sequence[str],
    fields: Mapping[str, str],
    catalog: Catalog,
    *,
    who: str,
    at: datetime,
    channel: str | None,
) -> tuple[Change, str]:
    """Return the change that asks for a look, and what is looked at in words: `products of shop production`.

    `words` are the app and its routes; the field `environment` names the place, production by default.
    """
    name = words[0] if words else ""
    app = find_app(catalog, name)
    environment = fields.get("environment", default_environment(app))
    find_environment(app, environment)
    routes = [route for route, _ in find_routes(app, words[1:])]
    request = Action(
        key=f"{kind}:{name}:{environment}:{'+'.join(routes)}:{who}:{int(at.timestamp() * 1000)}",
        kind=kind,
        partition=f"look:{name}/{environment}",
        release_id=None,
        step=None,
        args={"app": name, "environment": environment, "routes": routes},
        channel=channel,
        asked_by=who,
        asked_at=at,
    )
    change = Change(
        act=str(kind),
        by=who,
        at=at,
        body=request.args,
        requests=(request,),
        cards=(f"action:{request.key}",),
    )
    return change, f"{', '.join(routes)} of {name} {environment}"
