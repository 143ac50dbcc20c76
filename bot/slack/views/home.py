"""The bot's home tab: what is live, what can be rolled back, what is locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.checklist import restorable_until
from bot.release.records import Lock, Story
from bot.release.states import LIVE
from bot.slack.views.blocks import Block, actions, context, header, section
from bot.slack.views.release import roll_back_button, where_it_stands
from bot.slack.views.wording import Names, clamp, counted, escape, moment, named

MOST = 8


def home_view(
    stories: Sequence[Story],
    locks: Sequence[Lock],
    catalog: Catalog,
    names: Names,
    *,
    at: datetime,
) -> Block:
    """Return the home tab; it is small, so that it reads on a phone."""
    live = [story for story in stories if story.release.state in LIVE]
    undoable = [
        story
        for story in stories
        if story not in live and roll_back_button(story, catalog) and _in_time(story, at)
    ]
    drawn: list[Block | None] = [header(f"{counted(len(live), 'live release')}")]
    for story in live[:MOST]:
        drawn += _entry(story, catalog, names)
    drawn.append(header(f"{counted(len(undoable), 'release')} can be rolled back"))
    for story in undoable[:MOST]:
        drawn += _entry(story, catalog, names)
    drawn += [section(_lock(lock, names)) for lock in locks[:MOST]]
    drawn.append(context(f"Drawn {moment(at)}. Start one: `/cache-release start`"))
    return {"type": "home", "blocks": [block for block in drawn if block is not None]}


def told_home(text: str) -> Block:
    """Return a home tab that says one thing; `text` is escaped already."""
    return {"type": "home", "blocks": [section(text)]}


def _in_time(story: Story, at: datetime) -> bool:
    until = restorable_until(story)
    return until is None or until > at


def _entry(story: Story, catalog: Catalog, names: Names) -> list[Block | None]:
    release = story.release
    where = where_it_stands(story, names)
    place = f"{escape(release.app)} {escape(release.environment)} in <#{release.channel}>"
    buttons = roll_back_button(story, catalog)
    for drawn in buttons:
        drawn["action_id"] = f"rollback-{release.id}"
    return [
        section(f"*{release.name}* · {where}\n{place}: {escape(clamp(release.title, 100))}"),
        actions(f"rollback-{release.id}", buttons),
    ]


def _lock(lock: Lock, names: Names) -> str:
    place = f"{escape(lock.app)} {escape(lock.environment)}"
    who = named(names, lock.by)
    return f"🔒 *{place} is locked* by {who} {moment(lock.at)}: {escape(clamp(lock.reason, 300))}"
