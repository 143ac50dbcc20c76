"""Unlock an app."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.ask import find_place
from bot.release.catalog import Catalog
from bot.release.locking import unlocked_notice
from bot.release.people import MAY_UNLOCK, Person, require, roles
from bot.release.records import Change


class Unlock:
    """`unlock shop`: releases may start again."""

    verb = "unlock"
    usage = "unlock <app> [--environment E]"
    summary = "Unlock an app after a rollback."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Approvers, owners and admins of any app."""
        return any(MAY_UNLOCK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Take the lock away; say so where there is none."""
        place = find_place(ask, tools.catalog)
        name, environment, app = place.name, place.environment, place.app
        require(
            ask.who,
            MAY_UNLOCK,
            roles(ask.who, app, tools.catalog),
            what=f"Unlock {name}",
        )
        lock = tools.ledger.lock(name, environment)
        if lock is None:
            return Said(text=f"{name} {environment} is not locked.")
        recent = tools.ledger.releases(app=name, limit=20)
        cards = tuple(f"root:{row.id}" for row in recent if row.environment == environment)
        tools.keep(
            Change(
                act="unlock",
                by=ask.who.id,
                at=ask.at,
                body={"app": name, "environment": environment, "held_by": lock.by},
                unlock=(name, environment),
                notices=unlocked_notice(lock, ask.who.id, ask.at),
                cards=cards,
            ),
            otherwise="Not unlocked",
        )
        return Said(text=f"{name} {environment} is unlocked.")


COMMAND: Command = Unlock()
