"""The one sentence beside Roll back: when the rollback was rehearsed, by whom, and how long it took."""

from __future__ import annotations

from bot.release.catalog import Catalog
from bot.release.drilling import timed_keys
from bot.release.finding import default_environment
from bot.release.records import Story
from bot.release.rehearsing import last_ended, rehearsal_of, running, well
from bot.release.states import RELEASE, Move
from bot.slack.views.wording import Names, clamp, escape, moment, named, unstyled


def rehearsed_line(story: Story, catalog: Catalog, names: Names) -> str:
    """Return `Rehearsed 14:02 by Ana: 20,114 keys in 0.9 s (staging)`, or what there is instead; mrkdwn.

    What was rehearsed on the other environment comes before a drill on copies: it was the whole of it.
    """
    if Move.ROLL_BACK not in RELEASE[story.release.state]:
        return ""
    now = running(story.rehearsals)
    if now is not None:
        return f"Is being rehearsed on {escape(str(now.args['on']))} now"
    newest = last_ended(story.rehearsals)
    if newest is not None and newest.ended_at is not None:
        on = escape(str(newest.args["on"]))
        if not well(newest):
            return f"Rehearsal on {on} FAILED · {moment(newest.ended_at)}"
        if newest.result["numbers"]["keys"]:
            who, took = named(names, newest.asked_by), timed_keys(newest.result["numbers"])
            return f"Rehearsed {moment(newest.ended_at)} by {who}: {took} ({on})"
    return _drilled(story, names) or _without(story, catalog, names)


def _drilled(story: Story, names: Names) -> str:
    drill = story.drill
    if drill is None:
        return ""
    if not drill.numbers["keys"]:
        return f"Not rehearsed: no key in scope · {moment(drill.at)}"
    by = str(drill.numbers.get("by", ""))
    who = f" by {named(names, by)}" if by else ""
    return f"Rehearsed {moment(drill.at)}{who}: {timed_keys(drill.numbers)} (copies)"


def _without(story: Story, catalog: Catalog, names: Names) -> str:
    """Return why nothing was rehearsed, where production is concerned."""
    release, waiver = story.release, story.waiver
    if waiver is not None:
        why = unstyled(clamp(waiver.reason, 200))
        return f"Not rehearsed: waived by {named(names, waiver.by)}: {why}"
    app = catalog.apps.get(release.app)
    if app is None or release.environment != default_environment(app):
        return ""
    on = rehearsal_of(app, release.environment)
    return f"Not rehearsed on {on} yet" if on else "No staging: nothing is rehearsed"
