"""Abandon a release: its routes are free again, nothing is undone."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import cards_of, require_open
from bot.release.people import MAY_HAND_OVER, Person, require, roles
from bot.release.records import Change, ReleaseMove
from bot.release.states import RELEASE, Move, after
from bot.release.steering import end_paused, stopped_by


class Abandon:
    """`abandon R-42`: for a release that nobody will finish; it can still be rolled back."""

    verb = "abandon"
    usage = "abandon R-42"
    summary = "Close a release without finishing it; it can still be rolled back."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Owners are named per release, so anyone may be one."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the end."""
        story = tools.find_story(ask)
        release = story.release
        app = tools.catalog.apps[release.app]
        require_open(story)
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_HAND_OVER, held, what=f"Abandon {release.name}")
        # Nobody works on a paused purge: who closes its release ends it.
        actions, steps = end_paused(story, stopped_by(ask.who.id, release=release.name))
        tools.keep(
            Change(
                act="abandon",
                by=ask.who.id,
                at=ask.at,
                release_id=release.id,
                releases=(
                    ReleaseMove(
                        id=release.id,
                        seen_version=release.version,
                        to=after(RELEASE, release.state, Move.ABANDON),
                        ended=True,
                    ),
                ),
                actions=actions,
                steps=steps,
                cards=cards_of(story),
            ),
            otherwise="Not abandoned",
        )
        return Said(text=f"{release.name} is abandoned. It can still be rolled back.")


COMMAND: Command = Abandon()
