"""The bot's home tab: what waits for this person, what is live, what can be rolled back, where one may release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.checklist import restorable_until
from bot.release.health import Health
from bot.release.open_places import PlaceNow
from bot.release.people import Person
from bot.release.records import Story
from bot.release.states import LIVE
from bot.slack.views.blocks import Block, context, header, section
from bot.slack.views.home_entry import entry, line_of, wanted_of
from bot.slack.views.home_places import health_line, place_lines
from bot.slack.views.undo import roll_back_button
from bot.slack.views.wording import Names, counted, moment

MOST_WANTED = 3
MOST_LIVE = 3
MOST_UNDOABLE = 2
MOST_LINES = 6


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around the releases: each place with its lock or freeze, and how the bot is (None: unknown)."""

    places: Sequence[PlaceNow] = ()
    health: Health | None = None


def home_view(
    stories: Sequence[Story],
    around: Around,
    catalog: Catalog,
    names: Names,
    *,
    who: Person,
    at: datetime,
) -> Block:
    """Return the home tab of one person: two screens of a phone at most, the rest is counted."""
    live = [story for story in stories if story.release.state in LIVE]
    mine = [story for story in live if wanted_of(story, catalog, who) is not None]
    others = [story for story in live if story not in mine]
    undoable = [story for story in stories if story not in live and _undoable(story, catalog, at)]
    drawn: list[Block | None] = []
    for title, part, most in (
        (f"{counted(len(mine), 'release')} waiting for you", mine, MOST_WANTED),
        (counted(len(others), "live release"), others, MOST_LIVE),
        (f"{counted(len(undoable), 'release')} can be rolled back", undoable, MOST_UNDOABLE),
    ):
        if part:
            drawn.append(header(title))
        for story in part[:most]:
            drawn += entry(story, catalog, names, who)
        drawn.append(_rest(part[most:], catalog, names))
    if not live:
        drawn.append(section("No release is live."))
    drawn += _around(around, names)
    drawn.append(context(f"Drawn {moment(at)}. Start one: `/cache-release start`"))
    return {"type": "home", "blocks": [block for block in drawn if block is not None]}


def told_home(text: str) -> Block:
    """Return a home tab that says one thing; `text` is escaped already."""
    return {"type": "home", "blocks": [section(text)]}


def _undoable(story: Story, catalog: Catalog, at: datetime) -> bool:
    until = restorable_until(story)
    return bool(roll_back_button(story, catalog)) and (until is None or until > at)


def _rest(stories: Sequence[Story], catalog: Catalog, names: Names) -> Block | None:
    """Return a line for each release that has no place of its own, then how many more there are."""
    if not stories:
        return None
    lines = [line_of(story, catalog, names) for story in stories[:MOST_LINES]]
    more = len(stories) - MOST_LINES
    return section(
        "\n".join([*lines, f"… {more} more: `/cache-release status`"] if more > 0 else lines)
    )


def _around(around: Around, names: Names) -> list[Block | None]:
    drawn: list[Block | None] = []
    if around.places:
        drawn += [
            header("Where you may release"),
            section("\n".join(place_lines(around.places, names))),
        ]
    drawn.append(None if around.health is None else section(health_line(around.health)))
    return drawn
