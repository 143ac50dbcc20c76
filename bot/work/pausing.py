"""Puts a paused purge down: nobody works on it until somebody resumes it."""

from __future__ import annotations

from datetime import datetime

from bot.release.records import Action, ActionState, Change, Control, Steering
from bot.release.steering import BOT


def put_down(action: Action, at: datetime, *, by_look: bool) -> Change:
    """Return the change that ends this turn of the work; it is lost where it was told otherwise meanwhile."""
    steering = Steering(
        key=action.key,
        seen_state=ActionState.RUNNING,
        seen_control=Control.RUN if by_look else Control.PAUSE,
        seen_fence=action.fence,
        control=Control.PAUSE if by_look else None,
        to=ActionState.PAUSED,
    )
    number = action.release_id
    return Change(
        act="paused",
        by=BOT,
        at=at,
        release_id=number,
        body={"key": action.key, "by_look": by_look},
        steering=(steering,),
        cards=(f"root:{number}", f"step:{number}:{action.step}"),
    )
