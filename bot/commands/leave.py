"""Leave the queue."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.queueing import WaitEnd, WaitMove
from bot.release.records import Change


class Leave:
    """`leave`, or `leave shop`: who waits no longer holds nobody up."""

    verb = "leave"
    usage = "leave [app] [--environment E]"
    summary = "Leave the queue, and be told of nothing any more."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may stop waiting."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """End the asker's own waiting."""
        app = ask.words[0] if ask.words else ask.fields.get("app")
        environment = ask.fields.get("environment")
        routes = tuple(filter(None, ask.fields.get("routes", "").split(",")))
        mine = [
            row
            for row in tools.ledger.waits()
            if row.who == ask.who.id
            and app in {None, row.app}
            and environment in {None, row.environment}
            and routes in {(), row.routes}
        ]
        if not mine:
            return Said(text="You wait for nothing there.")
        behind = dict.fromkeys(row.behind for row in mine if row.behind is not None)
        tools.keep(
            Change(
                act="leave queue",
                by=ask.who.id,
                at=ask.at,
                wait_moves=tuple(WaitMove(id=row.id, to=WaitEnd.ENDED) for row in mine),
                cards=tuple(f"root:{number}" for number in behind),
            ),
            otherwise="Not left",
        )
        return Said(text="You wait no longer.")


COMMAND: Command = Leave()
