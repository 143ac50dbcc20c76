"""How a rollback is asked for, by a person or by the bot itself: one change, with one key."""

from __future__ import annotations

from datetime import datetime

from bot.release.checklist import cards_of, purge_snapshots, rollbacks
from bot.release.records import (
    Action,
    ActionKind,
    ActionState,
    Change,
    ReleaseMove,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.release.states import RELEASE, Move, after
from bot.release.steering import BOT, end_paused


def rollback_change(
    story: Story, *, by: str, at: datetime, door: str, cold: bool = False, deploy: bool = True
) -> Change:
    """Return the change that begins a rollback; refuse one that the release's state does not allow."""
    release = story.release
    to = after(RELEASE, release.state, Move.ROLL_BACK)
    failed = [row for row in rollbacks(story) if row.state is not ActionState.DONE]
    newest = max((row.id for row in purge_snapshots(story)), default="none")
    request = Action(
        key=f"rollback:{release.id}:{newest}:{len(failed) + 1}",
        kind=ActionKind.ROLLBACK,
        partition=f"{release.app}/{release.environment}",
        release_id=release.id,
        step=None,
        args={"cold": cold, "deploy": deploy},
        channel=release.channel,
        asked_by=by,
        asked_at=at,
    )
    # Nobody works on a paused purge: the rollback itself ends it.
    actions, steps = end_paused(story, _rolled_back_first(by))
    return Change(
        act="rollback",
        by=by,
        at=at,
        release_id=release.id,
        body={"door": door, "options": dict(request.args)},
        releases=(ReleaseMove(id=release.id, seen_version=release.version, to=to),),
        requests=(request,),
        actions=actions,
        steps=steps,
        cards=(*cards_of(story), f"rollback:{release.id}"),
    )


def told(person: str) -> str:
    """Return a mention of the person, or that it was the bot itself."""
    return "the bot itself" if person == BOT else f"<@{person}>"


def _rolled_back_first(by: str) -> Refusal:
    return Refusal(
        code=Code.NOT_NOW,
        failed=f"Stopped by the rollback of {told(by)}. What was taken out is in the snapshot.",
        expected="the rollback puts it back.",
        retry_is_safe=True,
    )
