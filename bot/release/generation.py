"""Generation keys: one number in the app's key names, by which all keys of a route go out of use at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.release.catalog import Route
from bot.release.records import ActionKind, Json, Story

WHOLE_NUMBER = re.compile(rb"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, kw_only=True)
class Generation:
    """What a generation key holds; `number` is None where it cannot be used, and `problem` says why.

    `used` is the largest number that the bot ever set: after a rollback the next one is above it, so that no value
    of the release that was rolled back is read again.
    """

    key: str
    number: int | None
    used: int = 0
    problem: str = ""

    @property
    def next(self) -> int:
        """Return the number that a purge sets."""
        return max(self.number or 0, self.used) + 1

    @property
    def words(self) -> str:
        """Return what a purge does with it, or why it does nothing."""
        if self.number is None:
            return f"{self.key}: {self.problem}"
        return (
            f"{self.key}: generation {self.number} -> {self.next}: one key is set; "
            "old values age out by their own expiry"
        )


def read_generation(key: str, held: bytes | None, used: bytes | None) -> Generation:
    """Return what the bytes of a generation key say; None: there is no such key."""
    most = int(used) if used and WHOLE_NUMBER.fullmatch(used) else 0
    if held is None:
        problem = "the generation key is missing, so there is no number to count on from"
    elif WHOLE_NUMBER.fullmatch(held) is None:
        problem = "the generation key holds no whole number of at most 18 digits"
    else:
        return Generation(key=key, number=int(held), used=most)
    return Generation(key=key, number=None, used=most, problem=problem)


def generation_keys(routes: Iterable[tuple[str, Route]]) -> tuple[str, ...]:
    """Return the generation keys of the routes, each once, in order."""
    keys = (route.generation for _, route in routes)
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def moves_of(story: Story) -> tuple[Json, ...]:
    """Return each number that a purge of the release set or was about to set, the newest first."""
    purges = [row for row in story.actions if row.kind is ActionKind.PURGE]
    purges.sort(key=lambda row: row.asked_at, reverse=True)
    return tuple(
        move
        for action in purges
        for move in reversed(action.progress.get("so_far", {}).get("generations", []))
    )


def move_words(move: Json) -> str:
    """Return `generation 41 -> 42 of anp:gen:products`."""
    return f"generation {move['old']} -> {move['new']} of {move['key']}"


def undone_words(row: Json) -> str:
    """Return what a rollback did with one number; `found` is what it came upon (None: no number)."""
    if row["back"]:
        return f"Generation set back: {row['key']} {row['new']} -> {row['to']}"
    if row["found"] == row["old"]:
        return f"Generation never moved on: {row['key']} still holds {row['old']}; nothing was set"
    found = "no number" if row["found"] is None else str(row["found"])
    return (
        f"Generation moved on: {row['key']} holds {found}, not {row['new']}; it was left alone, "
        "and the release's values may still be read"
    )
