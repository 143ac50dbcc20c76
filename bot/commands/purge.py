"""Purge a route outside a checklist: a preview, or a release of one approved step."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.ask import Place, find_place
from bot.release.catalog import Catalog
from bot.release.finding import find_routes
from bot.release.looking import look_request
from bot.release.people import Person
from bot.release.records import ActionKind, NewRelease, NewStep


class PurgeRoute:
    """`purge shop products`: planned, approved, captured in a snapshot and undoable like any other."""

    verb = "purge"
    usage = "purge <app> <route…> [--environment E] [--dry-run]"
    summary = "Purge routes without the rest of the checklist; --dry-run only counts."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may ask; an approver decides."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Count only, or open a release with the purge as its one step."""
        place = find_place(ask, tools.catalog)
        routes = tuple(route for route, _ in find_routes(place.app, ask.words[1:]))
        if "dry-run" in ask.fields:
            change, text = look_request(ActionKind.PREVIEW, ask, tools.catalog)
            tools.keep(change, otherwise="Not counted")
            return Said(text=f"Counting {text}.", action=change.requests[0].key)
        return _open(ask, tools, place, routes)


def _open(ask: Ask, tools: Tools, place: Place, routes: tuple[str, ...]) -> Said:
    step = tools.steps["purge"]
    texts = step.texts(find_routes(place.app, routes))
    line = NewStep(
        kind=step.kind,
        title=step.title,
        owner=ask.who.id,
        expected=texts.expected,
        rollback_note=texts.rollback_note,
    )
    opened = tools.open_release(
        NewRelease(
            app=place.name,
            environment=place.environment,
            routes=routes,
            title=f"Purge {', '.join(routes)}",
            starter=ask.who.id,
            owner=ask.who.id,
            channel=place.app.channel,
            previous=None,
            catalog_hash=tools.catalog.hash,
            steps=(line,),
        ),
        ask,
    )
    return Said(
        text=f"{opened.name} is open in <#{place.app.channel}>: run its step to see the plan.",
        release=opened.id,
    )


COMMAND: Command = PurgeRoute()
