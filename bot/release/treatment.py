"""What a purge does with a route's keys: takes them into a snapshot, lets them expire soon, or deletes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.release.catalog import Route

PLAIN = "plain"
SOFT = "soft "


def treatments_of(routes: Iterable[tuple[str, Route]]) -> dict[str, str]:
    """Return each pattern's treatment: "" captured, `soft 300` expires within 300 s, `plain` deleted for good.

    A pattern of several routes is captured if one of them wants that: what can be put back comes first, and a
    route that wants its keys gone is not left with keys that stay for a while.
    """
    wished: dict[str, set[str]] = {}
    for _, route in routes:
        for pattern in route.keys:
            wished.setdefault(pattern, set()).add(_of(route))
    return {pattern: min(found, key=_rank) for pattern, found in wished.items()}


def soft_seconds(treatment: str) -> int | None:
    """Return the seconds of a soft treatment; None for the others."""
    return int(treatment.removeprefix(SOFT)) if treatment.startswith(SOFT) else None


@dataclass(frozen=True, kw_only=True)
class Scopes:
    """A scope's patterns by treatment, each in order; `soft` ones with their seconds."""

    captured: tuple[str, ...]
    soft: tuple[tuple[str, int], ...]
    plain: tuple[str, ...]

    @property
    def undoable(self) -> tuple[str, ...]:
        """Return the patterns whose keys can be put back."""
        return (*self.captured, *(pattern for pattern, _ in self.soft))

    @property
    def leaving(self) -> tuple[str, ...]:
        """Return the patterns of which a purge leaves no key."""
        return (*self.captured, *self.plain)


def scopes_of(patterns: Sequence[str], treatments: Iterable[tuple[str, str]]) -> Scopes:
    """Return the scopes of these patterns; one without a treatment is captured."""
    found = dict(treatments)
    rows = [(pattern, found.get(pattern, "")) for pattern in patterns]
    soft = ((pattern, soft_seconds(row)) for pattern, row in rows)
    return Scopes(
        captured=tuple(pattern for pattern, row in rows if not row),
        soft=tuple((pattern, seconds) for pattern, seconds in soft if seconds is not None),
        plain=tuple(pattern for pattern, row in rows if row == PLAIN),
    )


def treatment_words(treatment: str) -> str:
    """Return what a plan says of it; nothing for what is usual."""
    seconds = soft_seconds(treatment)
    if seconds is not None:
        return f"expire within {duration(seconds)}"
    return "deleted without undo" if treatment == PLAIN else ""


def duration(seconds: int) -> str:
    """Return seconds as people say them: `45 s`, `5 min`, `1 h 30 min`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def _of(route: Route) -> str:
    if route.soft_ttl is not None:
        return f"{SOFT}{route.soft_ttl}"
    return "" if route.undo else PLAIN


def _rank(treatment: str) -> tuple[int, int]:
    seconds = soft_seconds(treatment)
    return (0 if not treatment else 2 if treatment == PLAIN else 1, seconds or 0)
