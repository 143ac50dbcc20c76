"""Say what was released before."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_app, find_routes
from bot.release.looks_before import trend
from bot.release.people import Person
from bot.release.records import Release

LOOKS = 8


class History:
    """`history shop products`: who, when, how it ended, in how many minutes; and how fast the route was."""

    verb = "history"
    usage = "history [app] [route]"
    summary = "List the last releases, newest first."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Read the ledger and say it in lines."""
        app = ask.words[0] if ask.words else None
        route = ask.words[1] if len(ask.words) > 1 else None
        if app is not None:
            found = find_app(tools.catalog, app)
            if route is not None:
                find_routes(found, [route])
        rows = tools.ledger.releases(app=app, route=route, limit=10)
        looks = () if app is None or route is None else _looks(tools, app, route)
        if not rows:
            return Said(text="Nothing was released yet.", lines=looks)
        text = (
            "The last release."
            if len(rows) == 1
            else f"The last {len(rows)} releases, newest first."
        )
        return Said(text=text, lines=(*map(_line, rows), *looks))


def _looks(tools: Tools, app: str, route: str) -> tuple[str, ...]:
    """Return what the last looks at the route's response time said, each environment under its own headline."""
    lines: list[str] = []
    for environment in tools.catalog.apps[app].environments:
        seen = tools.ledger.measurements(
            app=app, environment=environment, route=route, kind="latency", limit=LOOKS
        )
        told = trend(seen, route)
        lines += [f"Response time of {route}, {environment}:", *told] if told else []
    return tuple(lines)


def _line(row: Release) -> str:
    return (
        f"{row.name} · {row.state.replace('_', ' ')}{_took(row)} · {row.app} {row.environment} · "
        f"{', '.join(row.routes)} · {row.title} · <@{row.owner}> · {row.started_at:%Y-%m-%d %H:%M} UTC"
    )


def _took(row: Release) -> str:
    if row.ended_at is None:
        return ""
    seconds = int((row.ended_at - row.started_at).total_seconds())
    return f" after {seconds} s" if seconds < 60 else f" after {seconds // 60} min"


COMMAND: Command = History()
