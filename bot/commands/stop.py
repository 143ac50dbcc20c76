"""Stop a purge for good: what was taken out stays in the snapshot, and Roll back puts it back."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.people import Person, require, roles
from bot.release.records import ActionState, Control
from bot.release.steering import (
    MAY_STOP,
    end_paused,
    find_purge,
    steered,
    stopped_by,
    told_by,
    wish,
)


class Stop:
    """`stop R-42`, or `stop` in its thread."""

    verb = "stop"
    usage = "stop [R-42]"
    summary = "Stop a purge; roll back puts back what it took."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_STOP & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Tell the worker, or end at once what is paused and has none."""
        story = tools.find_story(ask)
        release = story.release
        held = roles(ask.who, tools.catalog.apps[release.app], tools.catalog, owner=release.owner)
        require(ask.who, MAY_STOP, held, what=f"Stop {release.name}")
        action = find_purge(story, otherwise="Not stopped")
        if action.control is Control.STOP:
            text = (
                f"{release.name} was already stopped by {told_by(action)}. Nothing was done twice."
            )
            return Said(text=text, release=release.id)
        change = steered(ask, story, action, wish(action, Control.STOP))
        if action.state is ActionState.PAUSED:
            actions, steps = end_paused(story, stopped_by(ask.who.id, release=release.name))
            change = replace(change, actions=actions, steps=steps, steering=())
        tools.keep(change, otherwise="Not stopped")
        return Said(text=f"Stopping the purge of {release.name}.", release=release.id, on_card=True)


COMMAND: Command = Stop()
