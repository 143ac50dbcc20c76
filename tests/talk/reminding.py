"""A talk in which the clock reminds people, and what they were told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.commands import Ask, Reply
from bot.release.people import Person
from bot.release.reminder_times import ReminderPlan
from bot.release.reminders import Reminder, is_reminder
from bot.release.working_hours import ALWAYS
from bot.work.reminding import tend_reminders
from tests.talk.conftest import Talk
from tests.talk.telling import notices

# A Monday, in the middle of working hours.
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
AT_ALL_HOURS = ReminderPlan(hours=ALWAYS)


def reminded(talk: Talk, plan: ReminderPlan = AT_ALL_HOURS, *, at: datetime = MONDAY) -> Talk:
    """Give the talk a plan of reminders, and a moment to begin at."""
    talk.tools = replace(talk.tools, reminders=plan)
    talk.clock.at = at
    return talk


def tick(talk: Talk, at: datetime) -> list[tuple[str, str]]:
    """Let the clock tick once at a moment; return who was reminded then, and the sentence of each."""
    before = {row.key for row in sent(talk)}
    talk.clock.at = at
    tend_reminders(talk.tools, at)
    fresh = [row.key for row in sent(talk) if row.key not in before]
    found = (talk.ledger.notice(key) for key in fresh)
    return sorted((str(row.to), row.text) for row in found if row is not None)


def ticks(talk: Talk, since: datetime, hours: float, *, every_min: int = 10) -> list[str]:
    """Let the clock tick for so many hours; return `HH:MM who` for each reminder."""
    told = []
    for minute in range(0, int(hours * 60) + 1, every_min):
        at = since + timedelta(minutes=minute)
        told += [f"{at:%a %H:%M} {who}" for who, _ in tick(talk, at)]
    return told


def sent(talk: Talk) -> list[Reminder]:
    """Return every reminder that went out, oldest first."""
    found = [
        row
        for release in talk.ledger.releases(limit=99)
        for row in talk.story(release.id).reminders
    ]
    return sorted(found, key=lambda row: (row.sent_at, row.key))


def newest(talk: Talk, who: str) -> Reminder:
    """Return the last reminder of a person."""
    return [row for row in sent(talk) if row.person == who][-1]


def lines_of(talk: Talk, reminder: Reminder) -> tuple[str, ...]:
    """Return the lines below the sentence of a reminder."""
    notice = talk.ledger.notice(reminder.key)
    assert notice is not None
    assert is_reminder(notice.key)
    return notice.lines


def answer(talk: Talk, verb: str, reminder: Reminder, who: str = "", **fields: str) -> Reply:
    """Press a button of a reminder, as its reader unless somebody else is named."""
    ask = Ask(
        verb=verb,
        who=Person(id=who or reminder.person),
        at=talk.clock.now(),
        door="slack button",
        fields={"key": reminder.key, **fields},
        release=reminder.release_id,
    )
    return talk.tools.commands[verb].run(ask, talk.tools)


def in_thread(talk: Talk) -> list[str]:
    """Return what was said in threads, oldest first."""
    return [row.text for row in notices(talk) if row.to is None]
