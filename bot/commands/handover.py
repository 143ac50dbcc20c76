"""Hand a reminder over: the step with it where it is the reader's own, else the reminder alone."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Form, FormErrors, FormField, Reply, Said, Tools
from bot.release.answering import KEY, answered, find_reminder
from bot.release.catalog import App, Catalog
from bot.release.checklist import find_step, require_open
from bot.release.finding import find_user
from bot.release.people import Person
from bot.release.records import StepMove, Story
from bot.release.reminders import Answer, Kind, Reminder, ReminderMove
from bot.release.states import STEP, Move, after

TO_APPROVERS = frozenset({1, 3})


class Handover:
    """`handover @ana` in a thread: she is reminded in the reader's place."""

    verb = "handover"
    usage = "handover [R-42] @person"
    summary = "Hand your reminder over; a step of your own goes with it."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Everybody may be reminded of something."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the person where none is named, else record who is reminded from now on."""
        story = tools.find_story(ask)
        reminder = find_reminder(story, ask, otherwise="Not handed over")
        named = ask.words[0] if ask.words else ask.fields.get("person", "")
        if not named:
            return _form(story, reminder)
        person = find_user(named)
        wrong = _unfit(person, story, reminder, tools.catalog.apps[story.release.app])
        if wrong:
            return FormErrors(errors={"person": wrong})
        move = ReminderMove(key=reminder.key, to=Answer.PASSED, passed_to=person)
        change = answered(story, ask, move, act="hand over reminder")
        text = f"<@{person}> is reminded in your place."
        step = _own_step(story, reminder, person)
        if step is not None:
            change = replace(
                change,
                act="hand over",
                body={**change.body, "step": step.number, "owner": person},
                steps=(step,),
                cards=(f"step:{story.release.id}:{step.number}", f"root:{story.release.id}"),
            )
            text = f"Step {step.number} is <@{person}>'s now."
        tools.keep(change, otherwise="Not handed over")
        return Said(text=text, on_card=True)


def _own_step(story: Story, reminder: Reminder, person: str) -> StepMove | None:
    """Return the move of the step that waits for its owner, where that is who was reminded."""
    if reminder.step is None or reminder.kind is Kind.APPROVE:
        return None
    step = find_step(story, reminder.step)
    if step.owner != reminder.person:
        return None
    require_open(story)
    return StepMove(
        release_id=story.release.id,
        number=step.number,
        seen_version=step.version,
        to=after(STEP, step.state, Move.HAND_OVER),
        owner=person,
    )


def _unfit(person: str, story: Story, reminder: Reminder, app: App) -> str:
    """Return why the person cannot take the reminder over; empty where they can."""
    if person == reminder.person:
        return "This reminder is yours already: name somebody else."
    if reminder.kind is not Kind.APPROVE or reminder.stage not in TO_APPROVERS:
        return ""
    if person == story.release.starter:
        return "Whoever started the release cannot approve it: name another approver."
    grouped = any(name.startswith("S") for name in app.approvers)
    if person not in app.approvers and not grouped:
        return f"Only an approver of {story.release.app} can approve it: name one of them."
    return ""


def _form(story: Story, reminder: Reminder) -> Form:
    return Form(
        verb="handover",
        title=f"Hand over {story.release.name}",
        submit="Hand over",
        fields=(FormField(name="person", label="Who takes it over?", kind="person"),),
        carry={"release": str(story.release.id), KEY: reminder.key},
    )


COMMAND: Command = Handover()
