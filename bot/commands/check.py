"""Measure the response time of a route now."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.looking import look_request
from bot.release.people import Person
from bot.release.records import ActionKind


class Check:
    """`check shop products`: the same measurement as the checklist's, judged against the budget."""

    verb = "check"
    usage = "check <app> <route> [--environment E]"
    summary = "Measure a route's response time."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish to look, then hand it to the workers."""
        change, text = look_request(ActionKind.CHECK, ask, tools.catalog)
        tools.keep(change, otherwise="Not measured")
        return Said(text=f"Measuring {text}.", action=change.requests[0].key)


COMMAND: Command = Check()
