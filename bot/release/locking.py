"""What a lock means at a moment, and what is said to the one whom it stops."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.release.notices import Notice, can_be_told
from bot.release.offers import Offer
from bot.release.records import Lock
from bot.release.refusal import Code, Refusal
from bot.release.spans import in_words

REMIND_EVERY = timedelta(hours=1)


def holds(lock: Lock | None, at: datetime) -> bool:
    """Return whether there is a lock and its time is not over."""
    return lock is not None and (lock.until is None or at < lock.until)


def until_words(lock: Lock) -> str:
    """Return ` until 2026-03-01 18:00 UTC`, or nothing for a lock without an end."""
    return "" if lock.until is None else f" until {lock.until:%Y-%m-%d %H:%M} UTC"


def locked_words(lock: Lock) -> str:
    """Return who locked what, until when, and why."""
    end = "" if lock.reason[-1:] in {".", "!", "?"} else "."
    return (
        f"{lock.app} {lock.environment} is locked by <@{lock.by}>{until_words(lock)}: "
        f"{lock.reason}{end}"
    )


def place_fields(app: str, environment: str, routes: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the fields by which a button names an app's environment and routes."""
    fields = {"app": app, "environment": environment}
    return {**fields, "routes": ",".join(routes)} if routes else fields


def refuse_locked(lock: Lock | None, at: datetime, *, what: str, routes: tuple[str, ...]) -> None:
    """Refuse what a lock forbids; offer word of its end, and to ask for it."""
    if lock is None or not holds(lock, at):
        return
    where = place_fields(lock.app, lock.environment)
    raise Refusal(
        code=Code.LOCKED,
        failed=f"{what}: {locked_words(lock)}",
        expected=f"an unlocked app; `/cache-release unlock {lock.app} --environment {lock.environment}`.",
        retry_is_safe=True,
        offers=(
            Offer(
                label="Notify me",
                verb="notify",
                fields=place_fields(lock.app, lock.environment, routes),
            ),
            Offer(label="Ask for it", verb="ask", fields=where),
        ),
    )


def stolen_notice(lock: Lock, stands: Lock) -> tuple[Notice, ...]:
    """Return what the one who held a lock is told when somebody else takes it over."""
    if stands.by == lock.by or not can_be_told(stands.by):
        return ()
    where = f"{lock.app} {lock.environment}"
    return (
        Notice(
            key=f"stolen:{where}:{stands.by}:{lock.at.isoformat()}",
            to=stands.by,
            at=lock.at,
            text=f"<@{lock.by}> took over your lock on {where}{until_words(lock)}: {lock.reason}",
            lines=(f"Yours said: {stands.reason}",),
        ),
    )


def unlocked_notice(lock: Lock, by: str, at: datetime) -> tuple[Notice, ...]:
    """Return what the one who held a lock is told when somebody else, or its end, takes it away."""
    if lock.by == by or not can_be_told(lock.by):
        return ()
    where = f"{lock.app} {lock.environment}"
    over = lock.until is not None and at >= lock.until
    who = "Its time is over" if over else f"<@{by}> unlocked it"
    return (
        Notice(
            key=f"unlocked:{where}:{lock.by}:{lock.at.isoformat()}",
            to=lock.by,
            at=at,
            text=f"Your lock on {where} is gone. {who}: releases may start again.",
            lines=(f"It said: {lock.reason}",),
        ),
    )


def reminder(lock: Lock, at: datetime, due: datetime) -> tuple[Notice, ...]:
    """Return the reminder that was due at `due` to the one who locked an app."""
    if not can_be_told(lock.by):
        return ()
    where = place_fields(lock.app, lock.environment)
    return (
        Notice(
            key=f"lock:{lock.app}/{lock.environment}:{lock.at.isoformat()}:{due.isoformat()}",
            to=lock.by,
            at=at,
            text=f"{lock.app} {lock.environment} is still locked by you, for "
            f"{in_words(at - lock.at)}{until_words(lock)}: {lock.reason}",
            lines=("Until it is unlocked nobody can release it.",),
            offers=(
                Offer(label="Unlock", verb="unlock", fields=where),
                Offer(label="Remind me in 8 h", verb="lock", fields={**where, "snooze": "8h"}),
            ),
        ),
    )
