"""What the clock tells people: that it is their turn, that a lock is still on, that its time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.commands import Ledger
from bot.release.catalog import Catalog
from bot.release.freezes import frozen
from bot.release.locking import REMIND_EVERY, holds, reminder, unlocked_notice
from bot.release.notices import Notice
from bot.release.offers import Offer
from bot.release.queueing import TURN, Wait, WaitEnd, WaitMove, Wants, ahead_of, turn_over
from bot.release.records import Change, Lock, Release
from bot.release.waiting_words import holder_of, wanted_words

BOT = "cache-release"
MOST_LIVE = 200


def tell_waiting(ledger: Ledger, catalog: Catalog, at: datetime) -> None:
    """Tell those who wait for what is free now, first come first; a turn that nobody took passes on.

    With several clocks each is told once: the row of the wait moves in the transaction that writes the message.
    """
    waits = ledger.waits()
    if not waits:
        return
    live = ledger.releases(live=True, limit=MOST_LIVE)
    for wait in waits:
        if wait.told_at is not None and holder_of(wait, live, catalog) is not None:
            ledger.keep(_again(wait, at))  # a hotfix went before them: their turn comes again
        elif turn_over(wait, at):
            ledger.keep(_passed(wait, at))
    waits = ledger.waits()
    for wait in waits:
        if wait.told_at is None and _is_free(ledger, catalog, wait, waits, live, at):
            ledger.keep(_told(wait, at))


def _is_free(
    ledger: Ledger,
    catalog: Catalog,
    wait: Wait,
    waits: Iterable[Wait],
    live: tuple[Release, ...],
    at: datetime,
) -> bool:
    if wait.app not in catalog.apps or holder_of(wait, live, catalog) is not None:
        return False
    if holds(ledger.lock(wait.app, wait.environment), at):
        return False
    if frozen(catalog, wait.app, wait.environment, at) is not None:
        return False
    first = ahead_of(wait, waits) if wait.wants is Wants.QUEUE else ()
    return all(holder_of(row, live, catalog) is not None for row in first)


def _told(wait: Wait, at: datetime) -> Change:
    where = wanted_words(wait)
    start = f"`/cache-release start {wait.app} {' '.join(wait.routes)} --environment {wait.environment}`"
    queued = wait.wants is Wants.QUEUE
    turn = (
        f"Until {at + TURN:%Y-%m-%d %H:%M} UTC nobody else may start it; then the next one is told."
    )
    fields = {"app": wait.app, "environment": wait.environment, "routes": ",".join(wait.routes)}
    start_it = Offer(label="Start it", verb="start", fields={**fields, "form": "1"})
    leave = Offer(label="Let the next one go", verb="leave", fields=fields)
    notice = Notice(
        key=f"turn:{wait.id}:{at.isoformat()}",
        to=wait.who,
        at=at,
        text=f"It is your turn: {where} is free." if queued else f"{where} is free.",
        lines=(f"Nothing was started. Start it: {start}", *((turn,) if queued else ())),
        offers=(start_it, leave) if queued else (start_it,),
    )
    moves = [WaitMove(id=wait.id, to=WaitEnd.TOLD)]
    if not queued:
        moves.append(WaitMove(id=wait.id, to=WaitEnd.ENDED))
    return Change(
        act="tell who waits",
        by=BOT,
        at=at,
        body={"who": wait.who, "what": where},
        wait_moves=tuple(moves),
        notices=(notice,),
        cards=_cards(wait),
    )


def _again(wait: Wait, at: datetime) -> Change:
    return Change(
        act="turn comes again",
        by=BOT,
        at=at,
        body={"who": wait.who, "what": wanted_words(wait)},
        wait_moves=(WaitMove(id=wait.id, to=WaitEnd.AGAIN),),
        cards=_cards(wait),
    )


def _passed(wait: Wait, at: datetime) -> Change:
    where = wanted_words(wait)
    notice = Notice(
        key=f"turn-over:{wait.id}",
        to=wait.who,
        at=at,
        text=f"Your turn for {where} passed to the next one.",
        lines=("Nothing was started. Queue again when you are ready.",),
    )
    return Change(
        act="turn passed",
        by=BOT,
        at=at,
        body={"who": wait.who, "what": where},
        wait_moves=(WaitMove(id=wait.id, to=WaitEnd.ENDED),),
        notices=(notice,),
        cards=_cards(wait),
    )


def _cards(wait: Wait) -> tuple[str, ...]:
    return () if wait.behind is None else (f"root:{wait.behind}",)


def at_any_hour(person: str, at: datetime) -> bool:
    """Return that the person may be reminded."""
    return True


def look_after_locks(
    ledger: Ledger, at: datetime, may_remind: Callable[[str, datetime], bool] = at_any_hour
) -> None:
    """End locks whose time is over, and remind the holders of the others once an hour, when that may be.

    With several clocks each reminder goes out once: the lock's next hour moves in the transaction that writes it.
    """
    for lock in ledger.locks_due(at):
        if not holds(lock, at):
            ledger.keep(_over(ledger, lock, at))
        elif may_remind(lock.by, at):
            ledger.keep(_reminded(lock, at))


def _reminded(lock: Lock, at: datetime) -> Change:
    due = lock.remind_at or at
    passed = (at - due) // REMIND_EVERY + 1
    later = Lock(**{**vars(lock), "remind_at": due + passed * REMIND_EVERY})
    return Change(
        act="remind of lock",
        by=BOT,
        at=at,
        body={"app": lock.app, "environment": lock.environment, "holder": lock.by},
        lock=later,
        lock_from=lock.by,
        lock_seen=lock,
        notices=reminder(lock, at, due),
    )


def _over(ledger: Ledger, lock: Lock, at: datetime) -> Change:
    live = ledger.releases(app=lock.app, live=True, limit=20)
    return Change(
        act="unlock",
        by=BOT,
        at=at,
        body={"app": lock.app, "environment": lock.environment, "why": "its time is over"},
        unlock=(lock.app, lock.environment),
        notices=unlocked_notice(lock, BOT, at),
        cards=tuple(f"root:{row.id}" for row in live if row.environment == lock.environment),
    )
