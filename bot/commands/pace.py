"""Change how hard a purge works the server, while it runs."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_environment
from bot.release.pace import Pace
from bot.release.people import Person, require, roles
from bot.release.records import Steering
from bot.release.refusal import Code, Refusal
from bot.release.steering import MAY_STOP, find_purge, steered


class ChangePace:
    """`pace R-42 gentle`, or `pace gentle` in its thread."""

    verb = "pace"
    usage = "pace [R-42] <pace>"
    summary = "Change the pace of a purge that runs: gentle, normal or fast."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_STOP & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the pace; the worker takes it up within a batch."""
        story = tools.find_story(ask)
        release = story.release
        app = tools.catalog.apps[release.app]
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_STOP, held, what=f"Change the pace of {release.name}")
        wanted = ask.fields.get("pace", ask.words[0] if ask.words else "")
        if wanted not in set(Pace):
            raise Refusal(
                code=Code.BAD_REQUEST,
                failed=f"Not changed: {wanted[:40] or 'nothing'} is no pace.",
                expected=f"one of: {', '.join(Pace)}.",
                retry_is_safe=True,
            )
        action = find_purge(story, otherwise="Not changed")
        now = action.pace or find_environment(app, release.environment).pace
        if now == wanted:
            return Said(text=f"{release.name} goes at the pace {now} already.", release=release.id)
        steering = Steering(
            key=action.key,
            seen_state=action.state,
            seen_control=action.control,
            pace=wanted,
        )
        tools.keep(steered(ask, story, action, steering), otherwise="Not changed")
        text = f"The purge of {release.name} goes on at the pace {wanted}, before {now}."
        return Said(text=text, release=release.id, on_card=True)


COMMAND: Command = ChangePace()
