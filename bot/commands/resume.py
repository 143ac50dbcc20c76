"""Resume a paused purge where it was."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import require_open
from bot.release.people import Person, require, roles
from bot.release.records import ActionState, Control
from bot.release.refusal import Code, Refusal
from bot.release.steering import MAY_RESUME, find_purge, steered, told_by, wish


class Resume:
    """`resume R-42`, or `resume` in its thread."""

    verb = "resume"
    usage = "resume [R-42]"
    summary = "Resume a paused purge where it was."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers and admins of any app."""
        return any(MAY_RESUME & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Take the pause back, and hand the purge to the workers again where one had put it down."""
        story = tools.find_story(ask)
        release = story.release
        held = roles(ask.who, tools.catalog.apps[release.app], tools.catalog)
        require(ask.who, MAY_RESUME, held, what=f"Resume {release.name}")
        require_open(story)
        action = find_purge(story, otherwise="Not resumed")
        if action.control is Control.STOP:
            raise Refusal(
                code=Code.NOT_NOW,
                failed=f"Not resumed: {release.name} was stopped by {told_by(action)}.",
                expected="a purge that is paused; a stopped one is run again with a new plan.",
                retry_is_safe=True,
            )
        if action.control is Control.RUN:
            since = "" if action.control_by is None else f", resumed by {told_by(action)}"
            return Said(text=f"{release.name} is not paused{since}.", release=release.id)
        put_down = action.state is ActionState.PAUSED
        steering = wish(action, Control.RUN, to=ActionState.ACCEPTED if put_down else None)
        tools.keep(steered(ask, story, action, steering), otherwise="Not resumed")
        if put_down:
            tools.hand_on(replace(action, resumed=action.resumed + 1))
        return Said(
            text=f"Resuming the purge of {release.name}.",
            release=release.id,
            on_card=True,
            action=action.key,
        )


COMMAND: Command = Resume()
