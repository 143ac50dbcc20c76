"""What is told to one person, or put into a release's thread, once and by the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.release.offers import Offer


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A text file of a notice; `content` is UTF-8 text."""

    name: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message. `key` comes from its meaning: told twice is told once.

    `to` is a person's Slack id; None: it stands in the thread of `about`. `about` is the release it speaks of.
    """

    key: str
    to: str | None
    text: str
    at: datetime
    about: int | None = None
    lines: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    files: tuple[Attached, ...] = ()


def can_be_told(person: str) -> bool:
    """Return whether the person has a Slack id; `terminal:ana` has none."""
    return person[:1] in {"U", "W"} and person.isalnum()
