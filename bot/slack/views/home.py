"""The bot's home tab: what waits for this person, what is live, what can be rolled back, what is locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.release.catalog import Catalog
from bot.release.checklist import approvals_of, current_step, restorable_until
from bot.release.people import MAY_ROLL_BACK, Person, Role, roles
from bot.release.records import Lock, StepLine, Story
from bot.release.states import LIVE, ReleaseState, StepState
from bot.release.steering import MAY_RESUME
from bot.slack.views.blocks import Block, actions, context, header, section
from bot.slack.views.standing import failed, waits_paused, where_it_stands
from bot.slack.views.undo import lock_line, roll_back_button
from bot.slack.views.wording import Names, clamp, counted, escape, moment, unstyled

MOST = 8


def home_view(
    stories: Sequence[Story],
    locks: Sequence[Lock],
    catalog: Catalog,
    names: Names,
    *,
    who: Person,
    at: datetime,
) -> Block:
    """Return the home tab of one person; it is small, so that it reads on a phone."""
    live = [story for story in stories if story.release.state in LIVE]
    mine = [story for story in live if _wanted(story, catalog, who)]
    others = [story for story in live if story not in mine]
    undoable = [
        story
        for story in stories
        if story not in live and roll_back_button(story, catalog) and _in_time(story, at)
    ]
    drawn: list[Block | None] = []
    for title, part in (
        (f"{counted(len(mine), 'release')} waiting for you", mine),
        (f"{counted(len(others), 'live release')}", others),
        (f"{counted(len(undoable), 'release')} can be rolled back", undoable),
    ):
        if part:
            drawn.append(header(title))
        for story in part[:MOST]:
            drawn += _entry(story, catalog, names, who)
    if not live:
        drawn.append(section("No release is live."))
    drawn += [section(lock_line(lock, catalog, names)) for lock in locks[:MOST]]
    drawn.append(context(f"Drawn {moment(at)}. Start one: `/cache-release start`"))
    return {"type": "home", "blocks": [block for block in drawn if block is not None]}


def told_home(text: str) -> Block:
    """Return a home tab that says one thing; `text` is escaped already."""
    return {"type": "home", "blocks": [section(text)]}


def _wanted(story: Story, catalog: Catalog, who: Person) -> str:
    """Return what a live release wants of this person, as the end of a line; nothing where it wants others."""
    app = catalog.apps.get(story.release.app)
    held = roles(who, app, catalog, owner=story.release.owner) if app is not None else frozenset()
    if story.release.state is ReleaseState.ROLLBACK_FAILED:
        return "roll it back again" if held & MAY_ROLL_BACK else ""
    step = current_step(story)
    if step is None or story.release.state is not ReleaseState.OPEN:
        return ""
    if step.state is StepState.ACTING and waits_paused(story):
        return "resume or stop the purge in the thread" if held & MAY_RESUME else ""
    if step.state is StepState.JUDGED and not failed(step):
        return "approve it in the thread" if _may_approve(story, step, held, who) else ""
    if step.owner != who.id or not (failed(step) or step.state is StepState.READY):
        return ""
    return "decide in the thread" if failed(step) else "run it in the thread"


def _may_approve(story: Story, step: StepLine, held: frozenset[Role], who: Person) -> bool:
    said_yes = {row.by for row in approvals_of(story, step)}
    return Role.APPROVER in held and who.id not in {story.release.starter, *said_yes}


def _in_time(story: Story, at: datetime) -> bool:
    until = restorable_until(story)
    return until is None or until > at


def _entry(story: Story, catalog: Catalog, names: Names, who: Person) -> list[Block | None]:
    """Return one release, with the danger button for those who may press it."""
    release = story.release
    title = unstyled(clamp(release.title, 100))
    place = f"{escape(release.app)} {escape(release.environment)} in <#{release.channel}>"
    wanted = _wanted(story, catalog, who)
    lines = [f"*{release.name}* · {where_it_stands(story, names, catalog)}", f"{place}: {title}"]
    if wanted:
        lines.append(f"▶️ *You*: {wanted}")
    app = catalog.apps.get(release.app)
    may = app is not None and MAY_ROLL_BACK & roles(who, app, catalog, owner=release.owner)
    buttons = roll_back_button(story, catalog) if may else []
    for drawn in buttons:
        drawn["action_id"] = f"rollback-{release.id}"
    return [section("\n".join(lines)), actions(f"rollback-{release.id}", buttons)]
