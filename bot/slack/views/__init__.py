"""Every message as a pure function of the ledger; `draw` finds which."""

from __future__ import annotations

from typing import Protocol

from bot.release.catalog import Catalog
from bot.release.records import Action, Story
from bot.slack.views.blocks import Card
from bot.slack.views.checklist import step_card
from bot.slack.views.look import look_card
from bot.slack.views.release import root_card
from bot.slack.views.rollback import end_card, rollback_card
from bot.slack.views.watch import watch_card
from bot.slack.views.watch_call import direct_card, page_card
from bot.slack.views.wording import Names, mention


class DrawnFrom(Protocol):
    """What a message is drawn from."""

    def story(self, release_id: int) -> Story | None:
        """Return everything of one release."""
        ...

    def action(self, key: str) -> Action | None:
        """Return one action."""
        ...


def draw(card: str, ledger: DrawnFrom, catalog: Catalog, names: Names = mention) -> Card | None:
    """Return the message of that name: `root:42`, `step:42:3`, `rollback:42`, `end:42`, `action:<key>`,
    and of a watch: `watch:42`, `page:42:7`, `dm:42:7:U03ONCALL`.

    None where there is nothing to show: an unknown name, or a row that is not there (yet).
    `names` says how a person is called without calling them.
    """
    kind, _, rest = card.partition(":")
    if kind == "action":
        action = ledger.action(rest)
        return None if action is None else look_card(action, names)
    number, _, step = rest.partition(":")
    story = ledger.story(int(number)) if number.isdecimal() else None
    if story is None:
        return None
    match kind:
        case "root":
            return root_card(story, catalog, names)
        case "step":
            line = next((row for row in story.steps if str(row.number) == step), None)
            return None if line is None else step_card(story, line, catalog, names)
        case "rollback":
            return rollback_card(story, names)
        case "end":
            return end_card(story, catalog, names)
        case "watch":
            return watch_card(story, catalog, names)
        case "page":
            return page_card(story, step, catalog)
        case "dm":
            return direct_card(story, step.partition(":")[0], catalog)
    return None
