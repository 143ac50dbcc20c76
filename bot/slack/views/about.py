"""What the root card says about a release: people, keys, what is expected, who waits for it, what was noted."""

from __future__ import annotations

from bot.release.catalog import Catalog
from bot.release.checklist import current_step, purge_snapshots
from bot.release.finding import patterns_of
from bot.release.generation import generation_keys
from bot.release.plan import plan_from_json
from bot.release.queueing import Wants
from bot.release.records import Release, Story
from bot.release.states import LIVE, ReleaseState
from bot.slack.views.blocks import Block, section
from bot.slack.views.wording import (
    Names,
    clamp,
    clamp_words,
    counted,
    escape,
    mention,
    moment,
    named,
    unstyled,
)

GIST = 120


def about_lines(story: Story, catalog: Catalog, names: Names) -> list[str]:
    """Return who answers for it, which keys it takes, and of the current step what is expected and how it is undone."""
    release, step = story.release, current_step(story)
    app = catalog.apps.get(release.app)
    oncall = () if app is None else app.oncall
    people = [f"*Owner*: {_owner(release, names)}"]
    if oncall:
        people.append(f"*On call*: {', '.join(_calmly(who, names) for who in oncall[:3])}")
    lines = [" · ".join(people), f"*Scope*: {_scope(release, catalog)}{_count(story)}"]
    if release.state is ReleaseState.OPEN and step is not None:
        lines.append(f"*Expected*: {unstyled(clamp_words(step.expected, GIST))}")
        lines.append(f"*Rollback note*: {unstyled(clamp_words(step.rollback_note, GIST))}")
    return lines


def _calmly(who: str, names: Names) -> str:
    """Return a person's name; a user group is not named where that would call all of it."""
    return "a user group" if who.startswith("S") and names(who) == who else named(names, who)


def _count(story: Story) -> str:
    """Return how many keys the newest plan counted, or the purge took; nothing before either."""
    taken = sum(row.keys for row in purge_snapshots(story))
    if taken:
        return f" · {counted(taken, 'key')} taken"
    plans = [step.plan for step in story.steps if step.plan is not None]
    return f" · {counted(plan_from_json(plans[-1]).keys, 'key')} planned" if plans else ""


def _owner(release: Release, names: Names) -> str:
    """Call the owner by a mention, but not where they started it themselves: they know."""
    started_it = release.owner == release.starter
    return named(names, release.owner) if started_it else mention(release.owner)


def _scope(release: Release, catalog: Catalog) -> str:
    routes = ", ".join(release.routes)
    app = catalog.apps.get(release.app)
    known = [] if app is None else [(n, app.routes[n]) for n in release.routes if n in app.routes]
    patterns = " ".join(
        f"`{pattern}`" for pattern in (*patterns_of(known), *generation_keys(known))
    )
    return clamp(escape(f"{routes} {patterns}".strip()), 600)


def beside(story: Story, names: Names) -> Block | None:
    """Return why it goes on through a freeze, and who waits for its end, in order."""
    hotfix, queue = story.release.hotfix, [row for row in story.queue if row.wants is Wants.QUEUE]
    said = [f"*Hotfix*: {unstyled(clamp(hotfix, 200))}"] if hotfix is not None else []
    if queue and story.release.state in LIVE:
        said.append(f"*Queue*: {', then '.join(named(names, row.who) for row in queue[:5])}")
    if len(queue) > 5 and said:
        said[-1] += f", and {len(queue) - 5} more"
    return section("\n".join(said)) if said else None


def noted_line(story: Story, names: Names) -> str:
    """Return the newest line that somebody added to the timeline; nothing where nobody did."""
    if not story.notes:
        return ""
    last, more = story.notes[-1], len(story.notes) - 1
    text = unstyled(clamp_words(last.text, GIST))
    others = f" (and {counted(more, 'note')} before)" if more else ""
    return f"📝 {named(names, last.said_by)} {moment(last.said_at)}: {text}{others}"
