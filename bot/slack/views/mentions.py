"""Whom a message in a thread calls: people and groups by a mention, those on call by a schedule by their own."""

from __future__ import annotations

from collections.abc import Iterable

from bot.release.membership import is_schedule
from bot.release.membership_words import source_words
from bot.release.records import Story
from bot.slack.views.wording import mention


def mentions(story: Story, key: str, names: Iterable[str]) -> str:
    """Return the mentions of those names; `key` is that of the call, whose direct messages say who is on call.

    Slack knows no schedules: where nobody was called yet, the schedule is named in words.
    """
    names = tuple(names)
    told = [row.to for row in story.calls if row.to and row.key.startswith(f"{key}:")]
    others = [] if any(name.startswith("S") for name in names) else told
    shown: list[str] = []
    for name in names:
        people = [mention(who) for who in others if who not in names]
        shown += (
            (people or [f"those on call ({source_words(name)})"])
            if is_schedule(name)
            else [mention(name)]
        )
    return " ".join(dict.fromkeys(shown))
