"""Lock an app: nothing of it may be released until someone unlocks it."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.ask import Place, find_place
from bot.release.catalog import Catalog
from bot.release.locking import (
    REMIND_EVERY,
    holds,
    locked_words,
    place_fields,
    stolen_notice,
    until_words,
)
from bot.release.offers import Offer
from bot.release.people import MAY_ROLL_BACK, MAY_UNLOCK, Person, require, roles
from bot.release.records import Change, Lock
from bot.release.refusal import Code, Refusal
from bot.release.spans import find_span, find_until


class LockApp:
    """`lock shop "checkout is down" --for 2h`; `--steal` takes a lock over from the one who holds it."""

    verb = "lock"
    usage = 'lock <app> "why" [--for 2h] [--until 18:00] [--steal] [--environment E]'
    summary = "Lock an app, with a reason: no release may start or purge."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """On-call, approvers, owners and admins of any app."""
        return any(MAY_ROLL_BACK & roles(who, app, catalog) for app in catalog.apps.values())

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record the lock, its reason and its end; a lock of somebody else is taken over only where that is said."""
        place = find_place(ask, tools.catalog)
        held = roles(ask.who, place.app, tools.catalog)
        require(ask.who, MAY_ROLL_BACK, held, what=f"Lock {place.name}")
        stands = tools.ledger.lock(place.name, place.environment)
        if stands is not None and not holds(stands, ask.at):
            stands = None
        if "snooze" in ask.fields:
            return _snooze(ask, tools, place, stands)
        reason = " ".join(ask.words[1:]).strip() or ask.fields.get("reason", "").strip()
        lock = Lock(
            app=place.name,
            environment=place.environment,
            reason=reason or _kept_reason(ask, stands, place),
            by=ask.who.id,
            at=ask.at,
            until=find_until(ask.fields, ask.at),
            remind_at=ask.at + REMIND_EVERY,
        )
        if stands is not None and stands.by != ask.who.id and "steal" not in ask.fields:
            raise _held(lock, stands)
        _keep(ask, tools, lock, stands)
        return Said(
            text=f"{place.name} {place.environment} is locked{until_words(lock)}: {lock.reason}"
        )


def _kept_reason(ask: Ask, stands: Lock | None, place: Place) -> str:
    if stands is not None and "steal" in ask.fields:
        return stands.reason
    raise Refusal(
        code=Code.BAD_REQUEST,
        failed="Not locked: no reason was given.",
        expected=f'a reason, as in `lock {place.name} "checkout is down"`.',
        retry_is_safe=True,
    )


def _held(lock: Lock, stands: Lock) -> Refusal:
    where = place_fields(lock.app, lock.environment)
    steal = {**where, "steal": "1", "reason": lock.reason}
    if lock.until is not None:
        steal["until"] = f"{lock.until:%Y-%m-%d %H:%M}"
    return Refusal(
        code=Code.LOCKED,
        failed=f"Not locked by you: {locked_words(stands)}",
        expected="your own lock, or `--steal`, which the other one is told.",
        retry_is_safe=True,
        offers=(
            Offer(label="Ask for it", verb="ask", fields=where),
            Offer(label="Steal the lock", verb="lock", fields=steal, danger=True),
        ),
    )


def _keep(ask: Ask, tools: Tools, lock: Lock, stands: Lock | None) -> None:
    live = tools.ledger.releases(app=lock.app, live=True, limit=20)
    stolen = stands is not None and stands.by != lock.by
    body = {"app": lock.app, "environment": lock.environment, "reason": lock.reason}
    if lock.until is not None:
        body["until"] = lock.until.isoformat()
    if stands is not None and stolen:
        body["from"] = stands.by
    tools.keep(
        Change(
            act="steal lock" if stolen else "lock",
            by=ask.who.id,
            at=ask.at,
            body=body,
            lock=lock,
            lock_from=None if stands is None else stands.by,
            notices=() if stands is None else stolen_notice(lock, stands),
            cards=tuple(f"root:{row.id}" for row in live if row.environment == lock.environment),
        ),
        otherwise="Not locked",
    )


def _snooze(ask: Ask, tools: Tools, place: Place, stands: Lock | None) -> Said:
    """Remind the holder later; whoever may unlock may also quiet the reminder."""
    if stands is None:
        return Said(text=f"{place.name} {place.environment} is not locked.")
    require(
        ask.who,
        MAY_UNLOCK if stands.by != ask.who.id else MAY_ROLL_BACK,
        roles(ask.who, place.app, tools.catalog),
        what="Remind later",
    )
    span = find_span(ask.fields["snooze"])
    lock = Lock(**{**vars(stands), "remind_at": ask.at + span})
    tools.keep(
        Change(
            act="snooze lock",
            by=ask.who.id,
            at=ask.at,
            body={"app": lock.app, "environment": lock.environment},
            lock=lock,
            lock_from=stands.by,
            lock_seen=stands,
        ),
        otherwise="Not put off",
    )
    return Said(
        text=f"The next reminder of the lock on {lock.app} {lock.environment} comes at "
        f"{ask.at + span:%Y-%m-%d %H:%M} UTC."
    )


COMMAND: Command = LockApp()
