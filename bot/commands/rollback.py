"""Roll a release back: one press, once done, whoever presses and however often."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.checklist import cards_of, purge_snapshots, rollbacks
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import (
    Action,
    ActionKind,
    ActionState,
    Change,
    Lost,
    ReleaseMove,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import RELEASE, Move, ReleaseState, after
from bot.release.steering import end_paused


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
        to = after(RELEASE, release.state, Move.ROLL_BACK)
        request = _request(ask, story)
        # Nobody works on a paused purge: the rollback itself ends it.
        actions, steps = end_paused(story, _rolled_back_first(ask))
        kept = tools.ledger.keep(
            Change(
                act="rollback",
                by=ask.who.id,
                at=ask.at,
                release_id=release.id,
                body={"door": ask.door, "options": dict(request.args)},
                releases=(ReleaseMove(id=release.id, seen_version=release.version, to=to),),
                requests=(request,),
                actions=actions,
                steps=steps,
                cards=(*cards_of(story), f"rollback:{release.id}"),
            )
        )
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


def _request(ask: Ask, story: Story) -> Action:
    release = story.release
    failed = [row for row in rollbacks(story) if row.state is not ActionState.DONE]
    newest = max((row.id for row in purge_snapshots(story)), default="none")
    return Action(
        key=f"rollback:{release.id}:{newest}:{len(failed) + 1}",
        kind=ActionKind.ROLLBACK,
        partition=f"{release.app}/{release.environment}",
        release_id=release.id,
        step=None,
        args={"cold": "cold" in ask.fields, "deploy": "no-deploy" not in ask.fields},
        channel=release.channel,
        asked_by=ask.who.id,
        asked_at=ask.at,
    )


def _rolled_back_first(ask: Ask) -> Refusal:
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"Stopped by the rollback of <@{ask.who.id}>. What was taken out is in the snapshot.",
        expected="the rollback puts it back.",
        retry_is_safe=True,
    )


def _already(story: Story) -> str:
    last = rollbacks(story)[-1]
    word = "rolling back" if story.release.state is ReleaseState.ROLLING_BACK else "rolled back"
    return (
        f"{story.release.name} is already {word}: started by <@{last.asked_by}> at "
        f"{last.asked_at:%H:%M:%S} UTC. Nothing was done twice."
    )


COMMAND: Command = Rollback()
