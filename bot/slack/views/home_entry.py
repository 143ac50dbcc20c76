"""One release on the home tab: where it stands, what it wants of the reader, and the buttons for that."""

from __future__ import annotations

from bot.release.calling import Wanted, What, wanted
from bot.release.catalog import Catalog
from bot.release.checklist import restorable_until
from bot.release.people import MAY_ROLL_BACK, Person, Role, roles
from bot.release.records import Story
from bot.release.states import LIVE, ReleaseState
from bot.release.steering import MAY_RESUME
from bot.slack.views.blocks import Block, Press, actions, button, section
from bot.slack.views.standing import where_it_stands
from bot.slack.views.undo import roll_back_button
from bot.slack.views.wording import Names, clamp_words, escape, moment, unstyled

TITLE = 40
LABELS = {
    What.RUN: ("run", "Run"),
    What.APPROVE: ("approve", "Approve"),
    What.DECIDE: ("run", "Run again"),
    What.RESUME: ("resume", "Resume"),
}
WORDS = {
    What.RUN: "run it",
    What.APPROVE: "approve it",
    What.DECIDE: "decide: run it again, skip it or roll back",
    What.RESUME: "resume or stop the purge",
    What.ROLL_BACK: "roll it back again",
    What.LOOK: "look at what the watch found",
}


def wanted_of(story: Story, catalog: Catalog, who: Person) -> Wanted | None:
    """Return what a live release wants of this person; None where it wants others, or nothing."""
    wish, app = wanted(story, catalog), catalog.apps.get(story.release.app)
    if wish is None or app is None:
        return None
    held = roles(who, app, catalog, owner=story.release.owner)
    mine = {
        What.APPROVE: _may_approve(wish, held, who),
        What.RESUME: bool(held & MAY_RESUME),
        What.ROLL_BACK: bool(held & MAY_ROLL_BACK),
        What.LOOK: story.release.state is ReleaseState.WATCHING and bool(held & MAY_ROLL_BACK),
    }.get(wish.what, wish.step is not None and wish.step.owner == who.id)
    return wish if mine else None


def _may_approve(wish: Wanted, held: frozenset[Role], who: Person) -> bool:
    asked = who.id in wish.people or not who.groups.isdisjoint(wish.people)
    return asked and Role.APPROVER in held and who.id not in wish.barred


def line_of(story: Story, catalog: Catalog, names: Names) -> str:
    """Return one release as one line."""
    release = story.release
    place = escape(f"{release.app} {release.environment}")
    return f"*{release.name}* · {where_it_stands(story, names, catalog)} · {place}"


def entry(story: Story, catalog: Catalog, names: Names, who: Person) -> list[Block | None]:
    """Return one release, with what it wants of the reader, and the danger button for those who may press it."""
    release, wish = story.release, wanted_of(story, catalog, who)
    title = unstyled(clamp_words(release.title, TITLE))
    place = f"{escape(release.app)} {escape(release.environment)} in <#{release.channel}>"
    stands = where_it_stands(story, names, catalog)
    if wish is not None:
        far = f"{stands.partition(' · ')[0]} · " if wish.step is not None else ""
        stands = f"{far}▶️ *You*: {WORDS[wish.what]}"
    lines = [f"*{release.name}* · {stands}", f"{place}: {title}"]
    until = restorable_until(story)
    if until is not None and release.state not in LIVE:
        lines.append(f"Possible until {moment(until)}")
    undo = _undo(story, catalog, who)
    if wish is None or wish.step is None or wish.what not in LABELS:
        drawn = section("\n".join(lines))
        return [{**drawn, "accessory": undo[0]} if undo else drawn]
    number = release.id
    drawn = section("\n".join(lines))
    shown = {**drawn, "accessory": undo[0]} if undo else drawn
    return [shown, actions(f"do-{number}", [_button(story, wish)])]


def _undo(story: Story, catalog: Catalog, who: Person) -> list[Block]:
    release = story.release
    app = catalog.apps.get(release.app)
    may = app is not None and MAY_ROLL_BACK & roles(who, app, catalog, owner=release.owner)
    buttons = roll_back_button(story, catalog) if may else []
    for drawn in buttons:
        drawn["action_id"] = f"rollback-{release.id}"
    return buttons


def _button(story: Story, wish: Wanted) -> Block:
    verb, label = LABELS[wish.what]
    step = wish.step
    number, seen = (None, None) if step is None else (step.number, step.version)
    if wish.what is What.APPROVE and step is not None and step.plan is not None:
        label = "Approve purge"
    press = Press(
        verb=verb,
        release=story.release.id,
        step=number,
        seen=None if wish.what is What.RESUME else seen,
    )
    hint = f"{label}: {story.release.name} step {number}"
    return button(label, press, style="primary", hint=hint, name=f"{verb}-{story.release.id}")
