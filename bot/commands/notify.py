"""Be told when routes are free again, without a place in the queue."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.queueing import Wants
from bot.release.records import Change
from bot.release.waiting_words import holder_of, must_be_told, wait_for, wanted_words


class Notify:
    """`notify R-41`, or `notify shop products`: one direct message when it is free."""

    verb = "notify"
    usage = "notify [R-42] [app route…] [--environment E]"
    summary = "Be told when a release has ended and its routes are free."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may be told."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Note who is to be told of what."""
        must_be_told(ask.who.id)
        story = tools.find_story(ask) if ask.release is not None else None
        wait = wait_for(ask, tools.catalog, story, Wants.NOTIFY)
        holder = holder_of(wait, tools.ledger.releases(live=True, limit=100), tools.catalog)
        wait = replace(wait, behind=None if holder is None else holder.id)
        tools.keep(
            Change(
                act="notify",
                by=ask.who.id,
                at=ask.at,
                release_id=wait.behind,
                body={"app": wait.app, "environment": wait.environment},
                waits=(wait,),
            ),
            otherwise="Not noted anew",
        )
        return Said(text=f"You are told when {wanted_words(wait)} is free.")


COMMAND: Command = Notify()
