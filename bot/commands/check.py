"""Measure the response time of a route now."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.looking import look_request
from bot.release.people import Person
from bot.release.records import ActionKind
from bot.release.sample_size import sample_size


class Check:
    """`check shop products`: the same measurement as the checklist's, compared with the look before it."""

    verb = "check"
    usage = "check <app> <route> [--n 100] [--environment E]"
    summary = "Measure a route's response time."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish to look, then hand it to the workers."""
        samples = sample_size(ask.fields.get("n"))
        args = {} if samples is None else {"samples": samples}
        change, text = look_request(ActionKind.CHECK, ask, tools.catalog, args)
        tools.keep(change, otherwise="Not measured")
        return Said(text=f"Measuring {text}.", action=change.requests[0].key)


COMMAND: Command = Check()
