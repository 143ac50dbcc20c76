"""What the clock does for those who wait and those waited for: closes old requests, and reminds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.commands import Tools
from bot.release.approval_life import closing, is_closed
from bot.release.checklist import current_step
from bot.release.membership import Unreachable, is_group
from bot.release.notices import Notice, can_be_told
from bot.release.records import Kept, Story
from bot.release.reminder_times import Awaited, Moment, due_for, instead
from bot.release.reminder_words import offers_of, words_of
from bot.release.reminders import Kind
from bot.release.reminding import EXPIRING, STALE, awaited_of
from bot.release.sending_reminders import reminder_change
from bot.release.states import ReleaseState

log = logging.getLogger(__name__)

MOST_OF_A_GROUP = 20
AUDIT_ROWS = 100


def tend_reminders(tools: Tools, now: datetime) -> None:
    """Do what is due now; twice, or by two clocks, is as good as once."""
    soon = max(EXPIRING) + timedelta(minutes=1)
    for number in tools.ledger.to_remind_of(now, soon, STALE):
        story = tools.ledger.story(number)
        if story is None:
            continue
        if _close(tools, story, now):
            continue
        for awaited in awaited_of(story, tools.catalog, tools.reminders, now):
            _remind(tools, story, awaited, now)


def _close(tools: Tools, story: Story, now: datetime) -> bool:
    """Close a request for approval that is too old; its reminders end in the same transaction."""
    step, life = current_step(story), tools.reminders.life
    if step is None or life is None or story.release.state is not ReleaseState.OPEN:
        return False
    if not is_closed(story, step, now, life):
        return False
    return isinstance(tools.ledger.keep(closing(story, step, now, life)), Kept)


def _remind(tools: Tools, story: Story, awaited: Awaited, now: datetime) -> None:
    if not any(row.due_at <= now for row in awaited.moments):
        return
    awaited = replace(awaited, moments=tuple(_known(tools, story, awaited)))
    people = dict.fromkeys(who for row in awaited.moments for who in row.people)
    for person in people:
        hours = tools.reminders.hours_of(person)
        moment = due_for(person, awaited, story.reminders, now, hours)
        if moment is not None:
            _send(tools, story, awaited, moment, person, now)


def _known(tools: Tools, story: Story, awaited: Awaited) -> Iterator[Moment]:
    """Yield the moments with the members of user groups in their place, and with those who took a reminder over."""
    for moment in awaited.moments:
        members = (who for name in moment.people for who in _each(tools, name))
        people = instead(members, awaited.key, story.reminders)
        told = tuple(who for who in people if can_be_told(who) and who not in moment.barred)
        yield replace(moment, people=told)


def _each(tools: Tools, name: str) -> Iterator[str]:
    if not is_group(name):
        yield name
        return
    try:
        yield from sorted(tools.reminders.members(name).people)[:MOST_OF_A_GROUP]
    except Unreachable as silent:
        # They are reminded at the next tick at which Slack says who they are.
        log.warning("who is in %s is not known: %s", name, silent)


def _send(
    tools: Tools, story: Story, awaited: Awaited, moment: Moment, person: str, now: datetime
) -> None:
    why = _why(tools, story) if awaited.kind is Kind.REVIEW else None
    text, lines = words_of(awaited, moment.stage, story, tools.catalog, tools.reminders, why)
    notice = Notice(
        key="",
        to=person,
        text=text,
        at=now,
        about=story.release.id,
        lines=lines,
        offers=offers_of(awaited, story, why),
    )
    # Where it is lost another clock sent it, or the release moved on meanwhile: both are well.
    tools.ledger.keep(reminder_change(story, awaited, moment.stage, notice))


def _why(tools: Tools, story: Story) -> str | None:
    """Return why a release was rolled back, where somebody said it."""
    rows = tools.ledger.audit(release_id=story.release.id, limit=AUDIT_ROWS)
    said = (str(row.body["reason"]) for row in rows if row.act == "rollback explained")
    return next(said, None)
