"""Which reminder somebody answers, and what they are told where it was answered before."""

from __future__ import annotations

from dataclasses import replace

from bot.release.ask import Ask
from bot.release.records import Change, Story
from bot.release.refusal import Code, Refusal
from bot.release.reminders import Answer, Reminder, ReminderMove

KEY = "key"


def find_reminder(story: Story, ask: Ask, *, otherwise: str) -> Reminder:
    """Return the reminder of the button, or the asker's newest open one; refuse, starting with `otherwise`.

    Only its reader answers a reminder, and only once.
    """
    key = ask.fields.get(KEY)
    if key is None:
        mine = [row for row in story.reminders if row.person == ask.who.id and row.answer is None]
        found = mine[-1] if mine else None
    else:
        found = next((row for row in story.reminders if row.key == key), None)
    if found is None:
        raise Refusal(
            code=Code.NOT_NOW,
            failed=f"{otherwise}: {story.release.name} has no open reminder for you. Nothing was changed.",
            expected="a reminder that the bot sent you and that you have not answered.",
            retry_is_safe=True,
        )
    if found.person != ask.who.id:
        raise Refusal(
            code=Code.NOT_ALLOWED,
            failed=f"{otherwise}: this reminder was sent to <@{found.person}>. Nothing was changed.",
            expected="an answer by the person who was reminded.",
            retry_is_safe=True,
        )
    if found.answer is not None:
        raise Refusal(
            code=Code.MOVED_ON,
            failed=f"{otherwise}: {answer_words(found)} Nothing was changed.",
            expected="a press on the newest reminder, as it is now.",
            retry_is_safe=True,
        )
    return found


def answer_words(reminder: Reminder) -> str:
    """Return what became of a reminder, as a sentence; nothing where it is open."""
    when = "" if reminder.answered_at is None else f" at {reminder.answered_at:%Y-%m-%d %H:%M} UTC"
    match reminder.answer:
        case Answer.SNOOZED:
            again = reminder.again_at
            until = "later" if again is None else f"at {again:%Y-%m-%d %H:%M} UTC"
            return f"Snoozed{when}: you are reminded again {until}."
        case Answer.PASSED:
            return f"Handed over to <@{reminder.passed_to}>{when}."
        case Answer.DONE:
            return f"Done{when}: you are not reminded of this again."
        case Answer.NEWER:
            return f"A newer reminder of the same was sent{when}."
        case Answer.OVER:
            return f"Over since{when.removeprefix(' at')}: this no longer waits for you."
        case None:
            return ""


def answered(story: Story, ask: Ask, move: ReminderMove, *, act: str) -> Change:
    """Return the change that answers one reminder, and shows it on its message."""
    body = {"reminder": move.key}
    if move.again_at is not None:
        body["again_at"] = move.again_at.isoformat()
    if move.passed_to is not None:
        body["to"] = move.passed_to
    return Change(
        act=act,
        by=ask.who.id,
        at=ask.at,
        release_id=story.release.id,
        body=body,
        reminder_moves=(move,),
    )


def with_others_over(change: Change, story: Story, reminder: Reminder) -> Change:
    """Return the change that also ends the reminders of the same wait that others hold."""
    others = tuple(
        ReminderMove(key=row.key, to=Answer.OVER)
        for row in story.reminders
        if row.wait == reminder.wait and row.key != reminder.key and row.answer is None
    )
    return replace(change, reminder_moves=(*change.reminder_moves, *others))
