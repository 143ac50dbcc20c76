"""Put a reminder off: for an hour, until tomorrow morning, or for a span of one's own."""

from __future__ import annotations

from datetime import datetime

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.answering import answered, find_reminder
from bot.release.catalog import Catalog
from bot.release.people import Person
from bot.release.reminder_times import ReminderPlan
from bot.release.reminders import Answer, Reminder, ReminderMove
from bot.release.spans import find_span

TOMORROW = "tomorrow"
USUAL = "1h"


class Snooze:
    """`snooze 1h` or `snooze tomorrow` in a thread: the newest reminder comes again then, if it is still true."""

    verb = "snooze"
    usage = "snooze [R-42] [1h or tomorrow]"
    summary = "Put your reminder off: for a span, or until tomorrow morning."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Everybody may be reminded of something."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record until when the reader is left in peace."""
        story = tools.find_story(ask)
        reminder = find_reminder(story, ask, otherwise="Not snoozed")
        word = ask.words[0] if ask.words else ask.fields.get("until", USUAL)
        again = _again(word, reminder, tools.reminders, ask.at)
        move = ReminderMove(key=reminder.key, to=Answer.SNOOZED, again_at=again)
        tools.keep(answered(story, ask, move, act="snooze"), otherwise="Not snoozed")
        text = (
            f"Snoozed: you are reminded again at {again:%Y-%m-%d %H:%M} UTC, if it is still true."
        )
        return Said(text=text, on_card=True)


def _again(word: str, reminder: Reminder, plan: ReminderPlan, at: datetime) -> datetime:
    """Return when the person is reminded again: in their working hours, where it can wait for them."""
    hours = plan.hours_of(reminder.person)
    if word.lower() == TOMORROW:
        return hours.next_morning(at)
    again = at + find_span(word)
    return hours.next_open(again) if reminder.can_wait else again


COMMAND: Command = Snooze()
