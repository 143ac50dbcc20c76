"""End a reminder: its reader has it in hand, and is not reminded of the same again."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.answering import answered, find_reminder, with_others_over
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.reminders import Answer, Kind, ReminderMove


class Done:
    """`done` in a thread: no more reminders of this; a review that is done is done for everybody."""

    verb = "done"
    usage = "done [R-42]"
    summary = "End your reminder: you are not reminded of the same again."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Everybody may be reminded of something."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record that the reader needs no more reminders."""
        story = tools.find_story(ask)
        reminder = find_reminder(story, ask, otherwise="Not noted")
        move = ReminderMove(key=reminder.key, to=Answer.DONE)
        change = answered(story, ask, move, act="reminder done")
        if reminder.kind is Kind.REVIEW:
            change = with_others_over(replace(change, act="review done"), story, reminder)
            text = f"The review of {story.release.name} is done."
        else:
            text = "Noted: you are not reminded of this again. Nothing else was changed."
        tools.keep(change, otherwise="Not noted")
        return Said(text=text, on_card=True)


COMMAND: Command = Done()
