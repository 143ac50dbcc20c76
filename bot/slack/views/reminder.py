"""A reminder: what waits, what its reader may do about it, and what became of it."""

from __future__ import annotations

from bot.release.answering import KEY, answer_words
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.records import Story
from bot.release.reminders import Answer, Kind, Reminder
from bot.slack.views.blocks import Block, Card, Press, actions, button, card, context, section
from bot.slack.views.offers import TEXT, link_line, offer_rows
from bot.slack.views.standing import where_it_stands
from bot.slack.views.undo import roll_back_button
from bot.slack.views.wording import (
    Names,
    clamp,
    clamp_lines,
    escape_but_mentions,
    sentence,
    spelled,
    unstyled,
    zoned,
)


def reminder_card(
    story: Story, notice: Notice, catalog: Catalog, names: Names, link: str | None
) -> Card:
    """Return a reminder with its buttons; once it is answered or over, with what became of it instead."""
    reminder = next((row for row in story.reminders if row.key == notice.key), None)
    text = clamp(_text(story, notice), TEXT)
    lines = [zoned(escape_but_mentions(line)) for line in notice.lines]
    more = "\n".join(filter(None, (clamp_lines(lines, TEXT), link_line(notice.about, link))))
    drawn: list[Block | None] = [section(f"⏰ {text}"), section(more) if more else None]
    if reminder is None or reminder.answer is not None:
        drawn.append(context(_became(story, reminder, catalog, names)))
    else:
        drawn += [*offer_rows(notice.offers), *_rows(story, reminder, catalog)]
    return card(text, drawn)


def _text(story: Story, notice: Notice) -> str:
    """Return the sentence with what is released at its end, in which nothing that people wrote is followed."""
    release = story.release
    head = zoned(escape_but_mentions(notice.text.removesuffix(".")))
    what = unstyled(f"{release.app} {release.environment}, {clamp(release.title, 200)}")
    return sentence(f"{head}: {what}")


def _became(story: Story, reminder: Reminder | None, catalog: Catalog, names: Names) -> str:
    """Say what became of it; where the release moved on, where that stands."""
    if reminder is None:
        return "This reminder is not known any more."
    words = zoned(escape_but_mentions(spelled(answer_words(reminder), names)))
    if reminder.answer is not Answer.OVER:
        return words
    stands = sentence(f"{story.release.name} {where_it_stands(story, names, catalog)}")
    return f"{words} {stands}"


def _rows(story: Story, reminder: Reminder, catalog: Catalog) -> list[Block | None]:
    later = [
        _button(reminder, "Snooze 1 h", "snooze", until="1h"),
        _button(reminder, "Tomorrow morning", "snooze", until="tomorrow"),
    ]
    ended = [_button(reminder, "Done", "done")]
    if reminder.kind is not Kind.WATCHED:
        ended.insert(0, _button(reminder, "Hand over", "handover"))
    rows: list[Block | None] = [
        actions("do", _do(story, reminder)),
        actions("later", later),
        actions("answer", ended),
    ]
    if reminder.kind in {Kind.EXPIRING, Kind.RESUME, Kind.ROLL_BACK}:
        rows.append(actions("rollback", roll_back_button(story, catalog)))
    return rows


def _do(story: Story, reminder: Reminder) -> list[Block]:
    """Return the button that does what is waited for, where one look at the card is enough for it."""
    step = next((row for row in story.steps if row.number == reminder.step), None)
    if reminder.kind is not Kind.RUN or step is None:
        return []
    press = Press(verb="run", release=reminder.release_id, step=step.number, seen=step.version)
    return [button("Run", press, style="primary", hint=f"Run step {step.number}: {step.title}")]


def _button(reminder: Reminder, label: str, verb: str, **fields: str) -> Block:
    press = Press(verb=verb, release=reminder.release_id, fields={KEY: reminder.key, **fields})
    return button(label, press, name="-".join((verb, *fields.values())))
