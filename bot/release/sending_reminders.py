"""How a reminder goes out, once: its row, its message and the audit in one change."""

from __future__ import annotations

from dataclasses import replace

from bot.release.notices import Notice
from bot.release.records import Change, Story
from bot.release.reminder_times import Awaited, key_of
from bot.release.reminders import Reminder, Sending
from bot.release.steering import BOT


def sending_of(
    story: Story, awaited: Awaited, stage: int, notice: Notice
) -> tuple[Sending, Notice]:
    """Return the reminder of a moment, and its message with the name that makes it go out once."""
    person = str(notice.to)
    key = key_of(person, awaited, stage, story.reminders)
    reminder = Reminder(
        key=key,
        release_id=story.release.id,
        wait=awaited.key,
        kind=awaited.kind,
        step=awaited.step,
        stage=stage,
        person=person,
        sent_at=notice.at,
        can_wait=awaited.can_wait,
    )
    step = next((row for row in story.steps if row.number == awaited.step), None)
    sending = Sending(
        reminder=reminder,
        release_version=story.release.version,
        step_version=None if step is None else step.version,
    )
    return sending, replace(notice, key=key)


def reminder_change(story: Story, awaited: Awaited, stage: int, notice: Notice) -> Change:
    """Return the change that reminds one person; it is lost where the release moved on since it was read."""
    sending, told = sending_of(story, awaited, stage, notice)
    return Change(
        act="remind",
        by=BOT,
        at=notice.at,
        release_id=story.release.id,
        body={"of": awaited.key, "stage": stage, "who": notice.to},
        reminders=(sending,),
        notices=(told,),
    )
