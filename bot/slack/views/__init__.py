"""Every message as a pure function of the ledger; `draw` finds which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.release.calling import is_call
from bot.release.catalog import Catalog
from bot.release.notices import Notice
from bot.release.records import Action, ActionKind, Story
from bot.release.reminders import is_reminder
from bot.slack.views.blocks import Card
from bot.slack.views.calling import call_card
from bot.slack.views.checklist import step_card
from bot.slack.views.look import look_card
from bot.slack.views.offers import notice_card
from bot.slack.views.rehearsal import rehearsal_card, rehearsal_look
from bot.slack.views.release import root_card
from bot.slack.views.reminder import reminder_card
from bot.slack.views.rollback import end_card, rollback_card
from bot.slack.views.watch import watch_card
from bot.slack.views.watch_call import page_card
from bot.slack.views.wording import Names, mention


class DrawnFrom(Protocol):
    """What a message is drawn from."""

    def story(self, release_id: int) -> Story | None:
        """Return everything of one release."""
        ...

    def action(self, key: str) -> Action | None:
        """Return one action."""
        ...

    def notice(self, key: str) -> Notice | None:
        """Return what one person or one thread is told."""
        ...


def draw(
    card: str,
    ledger: DrawnFrom,
    catalog: Catalog,
    names: Names = mention,
    link: Callable[[int | None], str | None] = lambda _: None,
) -> Card | None:
    """Return the message of that name: `root:42`, `step:42:3`, `rollback:42`, `action:<key>`, `notice:<key>` …,
    and of a watch: `watch:42`, `page:42:7`.

    None where there is nothing to show: an unknown name, or a row that is not there (yet).
    `names` says how a person is called without calling them, `link` where a release's thread is.
    """
    kind, _, rest = card.partition(":")
    if kind == "notice":
        notice = ledger.notice(rest)
        return None if notice is None else _told(notice, ledger, catalog, names, link)
    if kind == "action":
        action = ledger.action(rest)
        if action is not None and action.kind is ActionKind.REHEARSE:
            return rehearsal_look(action, names)
        return None if action is None else look_card(action, names)
    number, _, rest = rest.partition(":")
    story = ledger.story(int(number)) if number.isdecimal() else None
    if story is None or kind not in OF_A_RELEASE:
        return None
    return OF_A_RELEASE[kind](story, rest, catalog, names)


def _step(story: Story, number: str, catalog: Catalog, names: Names) -> Card | None:
    line = next((row for row in story.steps if str(row.number) == number), None)
    return None if line is None else step_card(story, line, catalog, names)


# What a message of a release is drawn by; the second word is what its name says after the release's number.
OF_A_RELEASE: Mapping[str, Callable[[Story, str, Catalog, Names], Card | None]] = {
    "root": lambda story, _, catalog, names: root_card(story, catalog, names),
    "step": _step,
    "rehearsal": lambda story, _, catalog, names: rehearsal_card(story, catalog, names),
    "rollback": lambda story, _, catalog, names: rollback_card(story, names),
    "end": lambda story, _, catalog, names: end_card(story, catalog, names),
    "watch": lambda story, _, catalog, names: watch_card(story, catalog, names),
    "page": lambda story, look, catalog, _: page_card(story, look, catalog),
}


def _told(
    notice: Notice,
    ledger: DrawnFrom,
    catalog: Catalog,
    names: Names,
    link: Callable[[int | None], str | None],
) -> Card | None:
    """Return what one person or one thread is told; calls and reminders are drawn from the release as it is now."""
    address = link(notice.about)
    if not is_call(notice.key) and not is_reminder(notice.key):
        return notice_card(notice, address)
    story = None if notice.about is None else ledger.story(notice.about)
    if story is None:
        return None
    if is_reminder(notice.key):
        return reminder_card(story, notice, catalog, names, address)
    return call_card(story, notice, catalog, names, address)
