"""Roll a release back: one press, once done, whoever presses and however often."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import rollbacks
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Lost, Story
from bot.release.refusal import Code, Refusal
from bot.release.rollback_plan import rollback_change, told
from bot.release.states import ReleaseState


class Rollback:
    """`rollback R-42`: skips order, quorum, freeze and locks, never identity."""

    verb = "rollback"
    usage = "rollback R-42 [--cold] [--no-deploy]"
    summary = "Put everything back: the app's version, then the purged keys; then lock the app."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the intent, then hand it to the workers; a second press learns who and when."""
        story = tools.find_story(ask)
        release = story.release
        app = tools.catalog.apps[release.app]
        held = roles(ask.who, app, tools.catalog, owner=release.owner)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Roll back {release.name}")
        if release.state in {ReleaseState.ROLLING_BACK, ReleaseState.ROLLED_BACK}:
            return Said(text=_already(story), release=release.id)
        change = rollback_change(
            story,
            by=ask.who.id,
            at=ask.at,
            door=ask.door,
            cold="cold" in ask.fields,
            deploy="no-deploy" not in ask.fields,
        )
        (request,) = change.requests
        kept = tools.ledger.keep(change)
        if isinstance(kept, Lost):
            return self._lost(kept, ask, tools)
        tools.hand_on(request)
        return Said(text=f"Rolling back {release.name}.", action=request.key, release=release.id)

    def _lost(self, lost: Lost, ask: Ask, tools: Tools) -> Reply:
        """Answer the one who lost a race; a release that merely moved on is tried again at once."""
        story = tools.find_story(ask)
        if story.release.state in {ReleaseState.ROLLING_BACK, ReleaseState.ROLLED_BACK}:
            return Said(text=_already(story), release=story.release.id)
        if ask.fields.get("again") == "1":
            raise Refusal(
                code=Code.MOVED_ON,
                failed=f"Not rolled back: {lost.what}.",
                expected="a release that stands still for a moment.",
                retry_is_safe=True,
            )
        return self.run(replace(ask, fields={**ask.fields, "again": "1"}), tools)


def _already(story: Story) -> str:
    last = rollbacks(story)[-1]
    word = "rolling back" if story.release.state is ReleaseState.ROLLING_BACK else "rolled back"
    return (
        f"{story.release.name} is already {word}: started by {told(last.asked_by)} at "
        f"{last.asked_at:%H:%M:%S} UTC. Nothing was done twice."
    )


COMMAND: Command = Rollback()
