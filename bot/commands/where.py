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
        lines, free = [], 0
        for app in apps:
            for place in tools.catalog.apps[app].environments:
                held = holders(tools.catalog, app, place, live, ask.at)
                stops = _stops(tools.catalog, app, place, locks.get((app, place)), ask.at)
                waiting = sum((row.app, row.environment) == (app, place) for row in queued)
                free += not stops and None in held.values()
                said = stops or [_open(held)]
                said += [f"{waiting} in the queue"] if waiting else []
                said += [] if stops else _soon(tools.catalog, app, place, ask.at)
                lines.append(f"{app} {place}: {'; '.join(said)}")
        return Said(text=f"{free} of {len(lines)} places are open now.", lines=tuple(lines))


def _stops(catalog: Catalog, app: str, place: str, lock: Lock | None, at: datetime) -> list[str]:
    said = []
    if lock is not None and holds(lock, at):
        said.append(f"LOCKED by <@{lock.by}>{until_words(lock)}: {lock.reason}")
    window = frozen(catalog, app, place, at)
    return [*said, f"FROZEN, {frozen_words(window)}"] if window is not None else said


def _open(held: Mapping[str, Release | None]) -> str:
    taken: dict[int, list[str]] = {}
    who = {row.id: row for row in held.values() if row is not None}
    for route, row in held.items():
        if row is not None:
            taken.setdefault(row.id, []).append(route)
    free = [route for route, row in held.items() if row is None]
    if not taken:
        return "free"
    said = [
        f"{who[number].name} of <@{who[number].owner}> holds {', '.join(routes)}"
        for number, routes in taken.items()
    ]
    return "; ".join([*said, f"free: {', '.join(free)}" if free else "nothing else is free"])


def _soon(catalog: Catalog, app: str, place: str, at: datetime) -> list[str]:
    window = next_freeze(catalog, app, place, at)
    return [] if window is None else [f"frozen from {window.since:%Y-%m-%d %H:%M} UTC"]


COMMAND: Command = Where()
