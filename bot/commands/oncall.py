"""Say who is on call for an app, from where that is known, and how fresh it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_app
from bot.release.membership import Membership, Unreachable, is_group, is_schedule
from bot.release.membership_words import fresh_words, source_words
from bot.release.people import Person

Members = Callable[[str], Membership]


class OnCall:
    """`oncall shop`: each name of the catalog's `oncall`, with the people behind it."""

    verb = "oncall"
    usage = "oncall [app]"
    summary = "Say who is on call for an app, from where that is known, and how fresh it is."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Ask for the members of every group and schedule; say so where only an old copy is known."""
        if ask.words:
            find_app(tools.catalog, ask.words[0])
        apps = ask.words[:1] or tuple(tools.catalog.apps)
        text, *lines = (line for app in apps for line in _of(app, tools, ask.at))
        return Said(text=text, lines=tuple(lines))


def _of(app: str, tools: Tools, at: datetime) -> list[str]:
    """Return a sentence with everybody who is on call for the app, then a line for each source."""
    names = tools.catalog.apps[app].oncall
    owner = tools.catalog.apps[app].owner
    if not names:
        return [f"The catalog names nobody who is on call for {app}; its owner is <@{owner}>."]
    people: dict[str, None] = {}
    lines = []
    for name in names:
        if not is_group(name):
            people[name] = None
            lines.append(f"• <@{name}>: by the catalog")
            continue
        found = _asked(name, tools.members)
        people |= dict.fromkeys(() if isinstance(found, Unreachable) else sorted(found.people))
        lines.append(f"• {_line(name, found, at)}")
    if not people:
        return [f"Nobody is known to be on call for {app}; its owner is <@{owner}>.", *lines]
    return [f"On call for {app}: {', '.join(f'<@{who}>' for who in people)}.", *lines]


def _asked(name: str, members: Members) -> Membership | Unreachable:
    try:
        return members(name)
    except Unreachable as silent:
        return silent


def _line(name: str, found: Membership | Unreachable, at: datetime) -> str:
    source = source_words(name)
    if isinstance(found, Unreachable):
        return f"{source}: not known, {found}"
    nobody = "nobody is on call" if is_schedule(name) else "nobody is in it"
    people = ", ".join(f"<@{who}>" for who in sorted(found.people)) or nobody
    strangers = f"; {found.strangers} more without an account here" if found.strangers else ""
    return f"{source}: {people}{strangers}; {fresh_words(found, at)}"


COMMAND: Command = OnCall()
