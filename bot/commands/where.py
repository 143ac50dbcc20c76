"""Say where one may release now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.catalog import Catalog
from bot.release.finding import find_app
from bot.release.freezes import frozen, next_freeze
from bot.release.locking import holds, until_words
from bot.release.opening import frozen_words
from bot.release.people import Person
from bot.release.queueing import Wants
from bot.release.records import Lock, Release
from bot.release.waiting_words import holders


class Where:
    """`where`, or `where shop`: each app and environment with what stands in the way."""

    verb = "where"
    usage = "where [app]"
    summary = "Say where you may release now: free, live, locked or frozen."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may look."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Look at locks, freezes, live releases and the queue, place by place."""
        if ask.words:
            find_app(tools.catalog, ask.words[0])
        apps = ask.words[:1] or tuple(tools.catalog.apps)
        live = tools.ledger.releases(live=True, limit=100)
        locks = {(row.app, row.environment): row for row in tools.ledger.locks()}
        queued = [row for row in tools.ledger.waits() if row.wants is Wants.QUEUE]
        lines: list[str] = []
        places = free = 0
        for app in apps:
            for place in tools.catalog.apps[app].environments:
                held = holders(tools.catalog, app, place, live, ask.at)
                stops = _stops(tools.catalog, app, place, locks.get((app, place)), ask.at)
                waiting = sum((row.app, row.environment) == (app, place) for row in queued)
                said = stops or [_open(held), *_soon(tools.catalog, app, place, ask.at)]
                said += [f"{waiting} in the queue"] if waiting else []
                lines += [f"{app} {place}: {'; '.join(said)}", *_live(held)]
                places, free = places + 1, free + (not stops and None in held.values())
        return Said(text=f"{free} of {places} places are open now.", lines=tuple(lines))


def _stops(catalog: Catalog, app: str, place: str, lock: Lock | None, at: datetime) -> list[str]:
    said = []
    if lock is not None and holds(lock, at):
        said.append(f"LOCKED by <@{lock.by}>{until_words(lock)}: {lock.reason}")
    window = frozen(catalog, app, place, at)
    return said if window is None else [*said, frozen_words(window).replace("frozen", "FROZEN", 1)]


def _open(held: Mapping[str, Release | None]) -> str:
    free = [route for route, row in held.items() if row is None]
    if len(free) == len(held):
        return "free"
    return f"free: {', '.join(free)}" if free else "nothing is free"


def _live(held: Mapping[str, Release | None]) -> list[str]:
    """Return a line for each live release that holds some of the keys."""
    rows = {row.id: row for row in held.values() if row is not None}
    return [
        f"• {row.name} of <@{row.owner}> holds "
        + ", ".join(route for route, holder in held.items() if holder == row)
        for row in rows.values()
    ]


def _soon(catalog: Catalog, app: str, place: str, at: datetime) -> list[str]:
    window = next_freeze(catalog, app, place, at)
    return [] if window is None else [f"frozen from {window.since:%Y-%m-%d %H:%M} UTC"]


COMMAND: Command = Where()
