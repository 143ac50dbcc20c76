"""The question that follows a rollback: why, answered with one tap."""

from __future__ import annotations

from datetime import datetime

from bot.release.notices import Notice
from bot.release.offers import Offer
from bot.release.records import Release

REASONS = ("Errors on the pages", "Slow pages", "Wrong content")


def ask_why(release: Release, *, key: str, at: datetime) -> Notice:
    """Return the question for the release's thread; `key` is the rollback's, so that each asks once."""
    taps = tuple(
        Offer(label=reason, verb="why", release=release.id, fields={"reason": reason})
        for reason in REASONS
    )
    return Notice(
        key=f"why:{key}",
        to=None,
        text=f"{release.name} is rolled back. Why did it have to be?",
        at=at,
        about=release.id,
        lines=("One tap is enough; the answer stands in the thread and in the audit.",),
        offers=(*taps, Offer(label="Other…", verb="why", release=release.id)),
    )
