"""Tells the owner of a release by direct message what cannot be shown where it belongs."""

from __future__ import annotations

import logging
from datetime import datetime

from bot.release.notices import Notice, can_be_told
from bot.release.offers import Offer
from bot.release.records import Change, DueCard
from bot.slack.outbox import Outbox, release_of

log = logging.getLogger(__name__)

BOT = "cache-release"
WHY = {
    "is_archived": "its channel {channel} is archived",
    "not_in_channel": "the bot is not a member of {channel}",
    "channel_not_found": "Slack knows no channel {channel} for the bot: "
    "it was deleted, or the bot was removed from it",
}
REMEDY = {
    "is_archived": "Unarchive the channel: within ten minutes the thread is brought up to date.",
    "not_in_channel": "In the channel, type `/invite @cache-release`: "
    "within ten minutes the thread is brought up to date.",
    "channel_not_found": "In the channel, type `/invite @cache-release`: "
    "within ten minutes the thread is brought up to date.",
}
OTHERWISE = "The next change of it is tried again."


def tell_owner(due: DueCard, error: str, ledger: Outbox, at: datetime) -> None:
    """Ask for one direct message to whoever the message is for; once a day, release and reason."""
    notice = _notice(due, error, ledger, at)
    if notice is None:
        log.error("%s cannot be shown (%s), and there is nobody to tell", due.card, error)
        return
    log.error("%s cannot be shown (%s); telling %s", due.card, error, notice.to)
    ledger.keep(
        Change(
            act="undelivered",
            by=BOT,
            at=at,
            release_id=notice.about,
            body={"card": due.card, "error": error},
            notices=(notice,),
        )
    )


def _notice(due: DueCard, error: str, ledger: Outbox, at: datetime) -> Notice | None:
    reason = error.partition(":")[0][:60]
    kind, _, rest = due.card.partition(":")
    if kind == "action":
        action = ledger.action(rest)
        if action is None or not can_be_told(action.asked_by) or action.release_id is not None:
            return None
        text = f"The answer to your {action.kind} cannot be shown: {_why(reason, action.channel)}."
        key = f"undelivered:{rest}:{reason}:{at:%Y-%m-%d}"
        return Notice(key=key, to=action.asked_by, text=text, at=at, lines=(_remedy(reason),))
    number = None if _is_direct(due.card, ledger) else release_of(due.card, ledger)
    story = None if number is None else ledger.story(number)
    if story is None or not can_be_told(story.release.owner):
        return None
    release = story.release
    return Notice(
        key=f"undelivered:{release.id}:{reason}:{at:%Y-%m-%d}",
        to=release.owner,
        text=f"{release.name} cannot be shown: {_why(reason, release.channel)}. "
        "The release itself goes on, and these buttons work.",
        at=at,
        lines=(_remedy(reason),),
        offers=(
            Offer(label="Where it stands", verb="status", release=release.id),
            Offer(label="Roll back", verb="rollback", release=release.id, danger=True),
        ),
    )


def _is_direct(card: str, ledger: Outbox) -> bool:
    """Return whether the message is to one person: who cannot be told cannot be told that either."""
    kind, _, rest = card.partition(":")
    notice = ledger.notice(rest) if kind == "notice" else None
    return kind == "dm" or (notice is not None and notice.to is not None)


def _why(reason: str, channel: str | None) -> str:
    named = f"<#{channel}>" if channel else "its channel"
    return WHY.get(reason, "Slack refused a message with `{reason}`").format(
        channel=named, reason=reason
    )


def _remedy(reason: str) -> str:
    return REMEDY.get(reason, OTHERWISE)
