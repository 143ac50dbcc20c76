"""The messages with which a watch calls people: in the thread, and to each of those on call."""

from __future__ import annotations

from bot.release.calling import PREFIX, What
from bot.release.catalog import Catalog
from bot.release.records import Story
from bot.release.states import ReleaseState
from bot.release.watch_calls import looks_of
from bot.release.watching import Call, Look, Word
from bot.slack.views.blocks import Card, card, context, section
from bot.slack.views.mentions import mentions
from bot.slack.views.watch import watch_buttons
from bot.slack.views.wording import clamp, escape, moment, phrase, sentence, unstyled


def page_card(story: Story, number: str, catalog: Catalog) -> Card | None:
    """Return the message in the thread with which a look calls people; nothing where it called nobody."""
    look = _calling(story, number)
    if look is None:
        return None
    key = f"{PREFIX}{story.release.id}:{What.LOOK}:0:{look.number}"
    people = mentions(story, key, look.called)
    return _call(story, look, catalog, people=people)


def direct_card(story: Story, number: str, catalog: Catalog) -> Card | None:
    """Return the same to one person alone, with the button that undoes the release."""
    look = _calling(story, number)
    return None if look is None else _call(story, look, catalog, people="")


def _calling(story: Story, number: str) -> Look | None:
    looks = (look for look in looks_of(story) if look.call is not None)
    return next((look for look in looks if str(look.number) == number), None)


def _call(story: Story, look: Look, catalog: Catalog, *, people: str) -> Card:
    release = story.release
    place = f"{release.app} {release.environment.upper()}"
    word = look.word if look.call is Call.PAGE else Word.UNSURE
    said = f"{release.name} on {escape(place)}: {word}, twice in a row. {escape(look.evidence)}"
    news = _news(story, look, catalog)
    sign = "🚨" if look.call is Call.PAGE else "⚠️"
    lines = [f"{sign} *{release.name} · {escape(place)} · {word} twice in a row*", people]
    drawn = [
        section("\n".join(line for line in lines if line)),
        section(unstyled(clamp(look.evidence, 600))),
        section(news),
        *reversed(watch_buttons(story, catalog)),
        context(
            f"Look {look.number} of {len(story.timers)} · {moment(look.at)} · <#{release.channel}>"
        ),
    ]
    text = " ".join(part for part in (people, said, news) if part)
    return card(sentence(text), drawn)


def _news(story: Story, look: Look, catalog: Catalog) -> str:
    """Return what is done about it, or what became of the release meanwhile; safe in mrkdwn."""
    state = story.release.state
    if state is not ReleaseState.WATCHING:
        return f"{story.release.name} is {phrase(state)} now."
    if look.call is Call.ASK:
        return "Please look at the pages: roll back, or stop watching if this is as it should be."
    app = catalog.apps.get(story.release.app)
    if app is not None and app.auto_rollback:
        return "The bot rolls back by itself: `auto_rollback` is on."
    return "The bot changed nothing: roll back, or keep the release."
