"""The messages that call people to act: one line in the thread, and to each of them the step with its buttons."""

from __future__ import annotations

from bot.release.calling import Wanted, What, is_over, look_of_call, wanted, wants_of
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.records import Story
from bot.release.states import LIVE, ReleaseState
from bot.slack.views.blocks import Block, Card, Press, actions, button, card, context, section
from bot.slack.views.checklist import step_card
from bot.slack.views.mentions import mentions
from bot.slack.views.offers import link_line
from bot.slack.views.release import state_lines, title_line
from bot.slack.views.standing import where_it_stands
from bot.slack.views.undo import roll_back_button
from bot.slack.views.watch_call import direct_card
from bot.slack.views.wording import (
    Names,
    clamp,
    escape,
    escape_but_mentions,
    sentence,
    unstyled,
    zoned,
)

GONE = Card(text="Nobody is called any more.", blocks=(), gone=True)


def call_card(
    story: Story, notice: Notice, catalog: Catalog, names: Names, link: str | None
) -> Card:
    """Return what one person, or the thread, is told; once it is over the thread's line is taken away.

    A person's message stays and shows the release as it is, until they are called again.
    """
    wish = wanted(story, catalog)
    if is_over(story, notice, wish):
        return GONE
    number = look_of_call(notice)
    look = None if number is None else direct_card(story, number, catalog)
    if look is not None:
        return _noted(look, notice)
    if notice.to is None:
        return _noted(_in_thread(story, wish), notice) if wish is not None else GONE
    return _noted(_directly(story, notice, wish, catalog, names, link), notice)


def _noted(drawn: Card, notice: Notice) -> Card:
    """Return the card with what was to be said of the call: how old it is who is on call."""
    if not notice.lines:
        return drawn
    said = zoned(escape_but_mentions(" ".join(notice.lines)))
    return card(f"{drawn.text} {said}", [*drawn.blocks, context(said)])


def what_words(wish: Wanted) -> str:
    """Return what is wanted, as the end of `please …`."""
    number = 0 if wish.step is None else wish.step.number
    return {
        What.RUN: f"run step {number}",
        What.APPROVE: f"approve step {number}",
        What.DECIDE: f"decide on step {number}: run it again, skip it or roll back",
        What.RESUME: "resume or stop the paused purge",
        What.ROLL_BACK: "roll it back again",
        What.LOOK: "look at what the watch found",
    }[wish.what]


def _in_thread(story: Story, wish: Wanted) -> Card:
    people = mentions(story, wish.key, (who for who in wish.people if who not in wish.silent))
    title = "" if wish.step is None else f" · {escape(wish.step.title)}"
    text = f"{people} please {what_words(wish)}{title}"
    return card(sentence(f"{text} ({story.release.name})"), [section(f"▶️ {text}")])


def _directly(
    story: Story,
    notice: Notice,
    wish: Wanted | None,
    catalog: Catalog,
    names: Names,
    link: str | None,
) -> Card:
    release = story.release
    mine = wish if wish is not None and wants_of(story, notice, wish) else None
    head = f"{title_line(release)}\n{unstyled(clamp(release.title, 200))}"
    drawn: list[Block | None] = [section(head)]
    if mine is None:
        drawn.append(section(state_lines(story, catalog, names)))
    else:
        drawn.append(section(f"▶️ *You*: {what_words(mine)}"))
    step = None if mine is None else mine.step
    if step is not None:
        drawn += step_card(story, step, catalog, names).blocks
    shown = {block.get("block_id") for block in drawn if block is not None}
    if "undo" not in shown:
        drawn.append(actions("rollback", roll_back_button(story, catalog)))
    if release.state is ReleaseState.OPEN and mine is None:
        press = Press(verb="status", release=release.id)
        drawn.append(actions("look", [button("Status", press, hint=f"Status of {release.name}")]))
    line = link_line(release.id, link)
    place = f"<#{release.channel}>"
    drawn.append(context(f"{line} in {place}" if line else f"{release.name} is in {place}"))
    return card(_sentence(story, mine, catalog, names), drawn)


def _sentence(story: Story, mine: Wanted | None, catalog: Catalog, names: Names) -> str:
    release = story.release
    what = escape(f"{release.app} {release.environment}, {release.title}")
    if mine is None:
        news = where_it_stands(story, names, catalog)
        over = "" if release.state in LIVE else " Nothing is left to do for you."
        return f"{sentence(f'{release.name} {news}: {what}')}{over}"
    return sentence(f"{release.name} needs you, please {what_words(mine)}: {what}")
