"""What a purge's card says and offers while it runs or is paused: pause, resume, stop, slower, faster."""

from __future__ import annotations

from bot.release.catalog import Catalog
from bot.release.pace import Pace
from bot.release.records import ENDED_ACTION, Action, Control, StepLine, Story
from bot.release.states import StepState
from bot.release.steering import BOT, held_by_look, newest_purge
from bot.slack.views.blocks import Block, Part, Press, actions, button, labelled
from bot.slack.views.progress import far_line
from bot.slack.views.standing import waits_paused
from bot.slack.views.wording import Names, clamp, counted, moment, named

PACES = tuple(Pace)


def far_parts(story: Story, step: StepLine, action: Action | None) -> list[Part]:
    """Return how far the step's work is, and why it is paused; nothing in it is parsed."""
    if action is None:
        return [labelled("Measured", "nothing yet")]
    if step.state is not StepState.ACTING or not waits_paused(story):
        return [labelled("Measured", far_line(action))]
    taken = int(action.progress.get("so_far", {}).get("taken") or 0)
    evidence = held_by_look(action)
    held = [] if evidence is None else [labelled("⚠️ Look", clamp(evidence, 600), loud=True)]
    return [labelled("Measured", f"{counted(taken, 'key')} taken out so far"), *held]


def told_line(story: Story, names: Names) -> str:
    """Return who paused or stopped the purge, or at which pace it was told to go; mrkdwn."""
    action = newest_purge(story)
    if action is None or action.state in ENDED_ACTION:
        return ""
    if action.control is Control.RUN or action.control_at is None:
        return f"Pace: {action.pace}" if action.pace else ""
    word = "Stopped" if action.control is Control.STOP else "Paused"
    by_look = action.control_by == BOT
    who = "the bot: a person decides" if by_look else named(names, action.control_by or "")
    return f"{word} by {who} {moment(action.control_at)}"


def steering_buttons(story: Story, step: StepLine, catalog: Catalog) -> list[Block | None]:
    """Return the buttons of a purge that has not ended."""
    action = newest_purge(story)
    if action is None or action.state in ENDED_ACTION:
        return []
    if action.control is Control.RUN:
        return [actions("steer", [_press(step, "pause", "Pause"), *_paces(story, step, catalog)])]
    if action.control is Control.STOP:
        return []
    resume = _press(step, "resume", "Resume", style="primary")
    return [actions("steer", [resume, _press(step, "stop", "Stop")])]


def _press(step: StepLine, verb: str, label: str, *, style: str | None = None) -> Block:
    press = Press(verb=verb, release=step.release_id, step=step.number)
    return button(label, press, style=style, hint=f"{label} step {step.number}: {step.title}")


def _paces(story: Story, step: StepLine, catalog: Catalog) -> list[Block]:
    """Return Slower and Faster, where there is a slower and a faster pace."""
    place = PACES.index(_pace(story, catalog))
    drawn = []
    for label, to in (("Slower", place - 1), ("Faster", place + 1)):
        if 0 <= to < len(PACES):
            fields = {"pace": str(PACES[to])}
            press = Press(verb="pace", release=step.release_id, step=step.number, fields=fields)
            name = f"pace-{label.lower()}"
            drawn.append(button(label, press, hint=f"{label}: {PACES[to]}", name=name))
    return drawn


def _pace(story: Story, catalog: Catalog) -> Pace:
    action, release = newest_purge(story), story.release
    app = catalog.apps.get(release.app)
    place = None if app is None else app.environments.get(release.environment)
    usual = Pace.NORMAL if place is None else Pace(place.pace)
    return Pace(action.pace) if action is not None and action.pace else usual
