"""The rehearsal's card: what the other environment measured, how it differs, and what may be done now."""

from __future__ import annotations

from datetime import timedelta

from bot.release.catalog import Catalog
from bot.release.records import (
    ENDED_ACTION,
    Action,
    ActionState,
    Json,
    Outcome,
    Story,
)
from bot.release.rehearsal_result import difference_lines
from bot.release.rehearsing import has_begun, last_ended, rehearsal_of, running, well
from bot.release.states import ReleaseState
from bot.slack.views.blocks import (
    Block,
    Card,
    Part,
    Press,
    actions,
    button,
    card,
    context,
    labelled,
    preformatted,
    rich,
    section,
)
from bot.slack.views.progress import far_line
from bot.slack.views.standing import VERDICTS
from bot.slack.views.undo import what_failed, what_next
from bot.slack.views.wording import (
    Names,
    clamp,
    clamp_lines,
    escape,
    moment,
    named,
    sentence,
    unstyled,
)

RESTARTED = "The bot was started again meanwhile; the times have that in them."
WHAT = "the bot runs the whole checklist and the rollback there, without people"


def rehearsal_card(story: Story, catalog: Catalog, names: Names) -> Card:
    """Return the card that stands before the first step of a release."""
    release = story.release
    app = catalog.apps.get(release.app)
    on = (app and rehearsal_of(app, release.environment)) or "staging"
    action = running(story.rehearsals) or last_ended(story.rehearsals)
    title = f"*Rehearsal on {escape(on)}*"
    if action is None:
        text = f"{release.name} waits for its rehearsal on {on}."
        said = "The first step opens" if story.waiver is None else "It was waived. When asked for"
        drawn: list[Block | None] = [section(f"▶️ {title}\n{said} after it: {WHAT}.")]
        if story.waiver is not None:
            drawn = [section(f"⏩ {title}\nWaived: the first step is open without it.")]
            text = f"{release.name} starts without a rehearsal on {on}."
    else:
        text, drawn = _shown(action, f"{release.name} rehearsal on {on}", title, names)
    return card(escape(text), [*drawn, context(_waived(story, names)), _buttons(story, action, on)])


def rehearsal_look(action: Action, names: Names) -> Card:
    """Return the card of a rehearsal that no release asked for."""
    args = action.args
    routes = ", ".join(map(str, args["routes"]))
    where = f"{routes} of {args['app']} {args['environment']} on {args['on']}"
    text, drawn = _shown(action, f"Rehearsal of {where}", f"*Rehearsal* · {escape(where)}", names)
    return card(escape(text), drawn)


def _shown(action: Action, what: str, title: str, names: Names) -> tuple[str, list[Block | None]]:
    asked = context(_asked(action, names))
    if action.state not in ENDED_ACTION:
        kept = action.progress.get("so_far", {}).get("rehearsal", {})
        now = f" · {escape(str(kept['now']))}" if kept.get("now") else ""
        far = section(f"⏳ {title}{now}\n{escape(far_line(action))}")
        done = [_step(row) for row in kept.get("steps", [])]
        return sentence(f"{what} is running"), [far, rich(*done) if done else None, asked]
    if action.state is not ActionState.DONE:
        failed = str(action.result.get("failed", "No reason was recorded."))
        told = f"❌ {title}\n*Failed*: {what_failed(action, names)}\n{what_next(action)}"
        return sentence(f"{what} FAILED: {failed}"), [section(told), asked]
    result = action.result
    outcome = Outcome(result["outcome"])
    evidence = clamp(str(result["evidence"]), 600)
    word = {"pass": "passed", "fail": "FAILED", "unsure": "is unsure"}[outcome]
    parts: list[Part] = [labelled(VERDICTS[outcome], evidence, loud=outcome is Outcome.FAIL)]
    parts += [_step(row) for row in result["numbers"]["steps"]]
    numbers = result["numbers"]
    again = context(RESTARTED if numbers["restarted"] else "")
    drawn = [section(title), rich(*parts), *_differences(action, numbers), again, asked]
    return sentence(f"{what} {word}: {evidence}"), drawn


def _step(row: Json) -> Part:
    """Return one step's line: its sign and word, its title, and what was measured there."""
    outcome = Outcome(row["outcome"])
    return labelled(f"{VERDICTS[outcome]} · {row['title']}", clamp(str(row["evidence"]), 220))


def _differences(action: Action, numbers: Json) -> list[Block]:
    places = f"{action.args['on']} and {action.args['environment']}"
    if not numbers["differences"]:
        return [rich(labelled("Compared", f"{places} are alike in all that was looked at"))]
    lines = difference_lines(numbers["differences"], action.args["on"], action.args["environment"])
    weighty = any(row["why"] for row in numbers["differences"])
    label = f"{'⚠️ ' if weighty else ''}Compared"
    return [rich([*labelled(label, places, loud=weighty)], preformatted(clamp_lines(lines, 2000)))]


def _asked(action: Action, names: Names) -> str:
    said = f"Asked by {named(names, action.asked_by)} {moment(action.asked_at)}"
    hours, ended = int(action.args.get("hours", 0)), action.ended_at
    if not (hours and well(action) and ended is not None):
        return said
    until = moment(ended + timedelta(hours=hours))
    return f"{said} · counts until {until}, while the catalog stays as it is"


def _waived(story: Story, names: Names) -> str:
    waiver = story.waiver
    if waiver is None:
        return ""
    who, why = named(names, waiver.by), unstyled(clamp(waiver.reason, 300))
    return f"Rehearsal waived by {who} {moment(waiver.at)}: {why}"


def _buttons(story: Story, action: Action | None, on: str) -> Block | None:
    """Return what can be done before the first step was run; nothing while a rehearsal runs."""
    release = story.release
    goes_on = action is not None and action.state not in ENDED_ACTION
    if release.state is not ReleaseState.OPEN or has_begun(story) or goes_on:
        return None
    again, fine = action is not None, well(action) or story.waiver is not None
    rehearse = button(
        "Rehearse again" if again else "Rehearse now",
        Press(verb="rehearse", release=release.id),
        style=None if fine else "primary",
        hint=f"Rehearse {release.name} on {on}",
    )
    waive = button(
        "Waive rehearsal",
        Press(verb="waive", release=release.id),
        hint=f"Let {release.name} start without a rehearsal",
    )
    return actions("rehearsal", [rehearse] if fine else [rehearse, waive])
