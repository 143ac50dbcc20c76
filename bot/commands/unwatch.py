"""End the watch of a release before its time: the release is done then."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import finish
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Change
from bot.release.refusal import Code, Refusal
from bot.release.states import ReleaseState
from bot.release.watch_calls import watch_cards


class Unwatch:
    """`unwatch R-42`, or Stop watching on the watch's card."""

    verb = "unwatch"
    usage = "unwatch [R-42]"
    summary = "Stop watching a release; it is done then."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app; releases have owners of their own."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the end."""
        story = tools.find_story(ask)
        release = story.release
        app = tools.catalog.apps[release.app]
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Stop watching {release.name}")
        if release.state is not ReleaseState.WATCHING:
            raise Refusal(
                code=Code.NOT_NOW,
                failed=f"{release.name} is not watched: it is {release.state.replace('_', ' ')}. Nothing was done.",
                expected="a release that is being watched.",
                retry_is_safe=True,
            )
        tools.keep(
            Change(
                act="unwatch",
                by=ask.who.id,
                at=ask.at,
                release_id=release.id,
                body={"looks": len(story.looks)},
                releases=(finish(story),),
                cards=(f"root:{release.id}", f"end:{release.id}", *watch_cards(story)),
            ),
            otherwise="Not stopped",
        )
        return Said(text=f"{release.name} is done; it is watched no more.", on_card=True)


COMMAND: Command = Unwatch()
