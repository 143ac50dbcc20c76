"""The text that the checklist line of a purge starts with."""

from __future__ import annotations

from bot.release.catalog import Route
from bot.release.finding import patterns_of
from bot.release.generation import generation_keys
from bot.release.treatment import PLAIN, treatments_of


def purge_texts(routes: tuple[tuple[str, Route], ...]) -> tuple[str, str]:
    """Return what is expected of a purge of the routes, and how it is undone."""
    if generation_keys(routes):
        return _with_generations(taken=bool(patterns_of(routes)))
    treatments = set(treatments_of(routes).values())
    expected = "Only keys of the chosen routes go, each into a snapshot first; none is left."
    if any(treatments):
        expected = "Only keys of the chosen routes are touched, as the plan says of each pattern."
    note = "Roll back puts the snapshot back: every key with its content and its expiry."
    if PLAIN in treatments:
        note += " Keys without undo stay gone; the app writes them anew."
    return expected, note


def _with_generations(*, taken: bool) -> tuple[str, str]:
    also, back = "", ""
    if taken:
        also = " Only keys of the other routes go, each into a snapshot first."
        back = " The snapshot goes back: every key with its content and its expiry."
    return (
        f"The generation of the chosen routes is set to the next number.{also}",
        f"Roll back sets the old number, unless somebody moved it on.{back}",
    )
