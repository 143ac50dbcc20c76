"""The whole story of one release, from every place that keeps a part of it, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Which part of the bot says so."""

    AUDIT = "audit"
    WORK = "work"
    ENGINE = "engine"
    EFFECT = "effect"
    TIMER = "timer"
    SNAPSHOT = "snapshot"
    LOOK = "look"
    OUTBOX = "outbox"
    SLACK = "slack"


@dataclass(frozen=True, kw_only=True)
class Traced:
    """One thing that happened: when, who says so, about what (a key, a card, a number), and what it was."""

    at: datetime
    source: Source
    about: str
    what: str


def in_order(parts: Iterable[Traced]) -> tuple[Traced, ...]:
    """Return them by time; what happened at one moment in the order cause to effect: audit first, Slack last."""
    rank = {source: place for place, source in enumerate(Source)}
    return tuple(sorted(parts, key=lambda row: (row.at, rank[row.source], row.about)))


def trace_line(row: Traced) -> str:
    """Return one line: time in UTC to the millisecond, source, about what, and what happened."""
    at = row.at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    what = " ".join(row.what.split())
    return f"{at}Z  {row.source:<8}  {row.about}  {what}"
