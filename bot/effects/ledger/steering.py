"""Tells a purge to pause, to go on, to end or to change its pace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.effects.ledger.connect import LostRaceError
from bot.effects.ledger.work_tables import ACTION
from bot.release.records import ActionState, Steering


def steer(connection: Connection, steering: Steering, by: str, at: datetime) -> None:
    """Write what the work is told; raise LostRaceError where it is not as it was seen."""
    seen = [
        ACTION.c.key == steering.key,
        ACTION.c.state == steering.seen_state.value,
        ACTION.c.control == steering.seen_control.value,
    ]
    if steering.seen_fence is not None:
        seen.append(ACTION.c.fence == steering.seen_fence)
    told = connection.execute(update(ACTION).where(*seen).values(_fields(steering, by, at)))
    if told.rowcount != 1:
        query = select(ACTION.c.state).where(ACTION.c.key == steering.key)
        stands = connection.execute(query).scalar()
        raise LostRaceError(f"{steering.key} is {stands or 'not known'} now")


def _fields(steering: Steering, by: str, at: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {"key": steering.key}
    if steering.control is not None:
        fields |= {"control": steering.control.value, "control_by": by, "control_at": at}
    if steering.pace is not None:
        fields["pace"] = steering.pace
    if steering.to is not None:
        fields["state"] = steering.to.value
    if steering.to is ActionState.ACCEPTED:
        fields["resumed"] = ACTION.c.resumed + 1
    return fields
