"""Lock an app: nothing of it may be released until someone unlocks it."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.ask import find_place
from bot.release.catalog import Catalog
from bot.release.people import MAY_ROLL_BACK, Person, require, roles
from bot.release.records import Change, Lock
from bot.release.refusal import Code, Refusal


class LockApp:
    """`lock shop "checkout is down"`."""

    verb = "lock"
    usage = 'lock <app> "why" [--environment E]'
    summary = "Lock an app, with a reason: no release may start or purge."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the lock and its reason."""
        place = find_place(ask, tools.catalog)
        name, environment, app = place.name, place.environment, place.app
        require(
            ask.who,
            MAY_ROLL_BACK,
            roles(ask.who, app, tools.catalog),
            what=f"Lock {name}",
        )
        reason = " ".join(ask.words[1:]).strip()
        if not reason:
            raise Refusal(
                code=Code.BAD_REQUEST,
                failed="Not locked: no reason was given.",
                expected=f'a reason, as in `lock {name} "checkout is down"`.',
                retry_is_safe=True,
            )
        lock = Lock(app=name, environment=environment, reason=reason, by=ask.who.id, at=ask.at)
        live = tools.ledger.releases(app=name, live=True, limit=20)
        cards = tuple(f"root:{row.id}" for row in live if row.environment == environment)
        tools.keep(
            Change(
                act="lock",
                by=ask.who.id,
                at=ask.at,
                body={"app": name, "environment": environment, "reason": reason},
                lock=lock,
                cards=cards,
            ),
            otherwise="Not locked",
        )
        return Said(text=f"{name} {environment} is locked: {reason}")


COMMAND: Command = LockApp()
