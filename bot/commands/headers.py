"""Inspect the cache headers of a route now."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.looking import look_request
from bot.release.people import Person
from bot.release.records import ActionKind


class Headers:
    """`headers shop products`: the same rules as the checklist's."""

    verb = "headers"
    usage = "headers <app> <route> [--environment E]"
    summary = "Inspect a route's cache headers."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish to look, then hand it to the workers."""
        change, text = look_request(ActionKind.HEADERS, ask, tools.catalog)
        tools.keep(change, otherwise="Not inspected")
        return Said(text=f"Inspecting {text}.", action=change.requests[0].key)


COMMAND: Command = Headers()
