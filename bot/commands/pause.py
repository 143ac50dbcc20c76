"""Pause a purge: what is taken out stays in the snapshot, the rest stays where it is."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person, require, roles
from bot.release.records import Control
from bot.release.steering import MAY_STOP, find_purge, steered, told_by, wish


class Pause:
    """`pause R-42`, or `pause` in its thread."""

    verb = "pause"
    usage = "pause [R-42]"
    summary = "Pause a purge; resume goes on where it was."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_STOP & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish; the worker heeds it within a batch. A second press learns who and when."""
        story = tools.find_story(ask)
        release = story.release
        held = roles(ask.who, tools.catalog.apps[release.app], tools.catalog, owner=release.owner)
        require(ask.who, MAY_STOP, held, what=f"Pause {release.name}")
        action = find_purge(story, otherwise="Not paused")
        if action.control is not Control.RUN:
            word = "paused" if action.control is Control.PAUSE else "stopped"
            text = (
                f"{release.name} was already {word} by {told_by(action)}. Nothing was done twice."
            )
            return Said(text=text, release=release.id)
        tools.keep(steered(ask, story, action, wish(action, Control.PAUSE)), otherwise="Not paused")
        return Said(text=f"Pausing the purge of {release.name}.", release=release.id, on_card=True)


COMMAND: Command = Pause()
