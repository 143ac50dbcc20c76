"""Rehearse a release's rollback, without touching a key of the app."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.drilling import drill_change, drill_request
from bot.release.people import MAY_ROLL_BACK, Person, require, roles


class Drill:
    """`drill R-42`: a few keys of its scope are copied, and the copies purged, put back and compared, timed."""

    verb = "drill"
    usage = "drill R-42"
    summary = "Rehearse the rollback of a release on copies of a few keys, and time it."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the wish, then hand it to the workers."""
        release = tools.find_story(ask).release
        app = tools.catalog.apps[release.app]
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Drill {release.name}")
        request = drill_request(
            release,
            key=f"drill:{release.id}:{ask.who.id}:{int(ask.at.timestamp() * 1000)}",
            by=ask.who.id,
            at=ask.at,
            channel=ask.channel,
        )
        tools.keep(drill_change(request), otherwise="Not rehearsed")
        return Said(text=f"Rehearsing the rollback of {release.name}.", action=request.key)


COMMAND: Command = Drill()
