"""What a terminal says of a purge that is paused."""

from __future__ import annotations

from bot.release.records import Action
from bot.release.steering import held_by_look, told_by


def paused_lines(action: Action) -> tuple[str, ...]:
    """Return who paused it, what a look found where it was one, and how it goes on."""
    name, evidence = f"R-{action.release_id}", held_by_look(action)
    return (
        f"{name} is paused by {told_by(action)}: {taken_so_far(action):,} keys taken out so far.",
        *(() if evidence is None else (evidence,)),
        f"To go on: cache-release resume {name}",
        f"To end it: cache-release stop {name}",
        f"To undo it: cache-release rollback {name}",
    )


def taken_so_far(action: Action) -> int:
    """Return how many keys a purge that has not ended took out."""
    return int(action.progress.get("so_far", {}).get("taken") or 0)
