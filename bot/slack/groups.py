"""A message for a user group is one message for each of its members: Slack writes to people, not to groups."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.release.records import Change, DueCard
from bot.slack.outbox import Outbox

Members = Callable[[str], frozenset[str]]
BOT = "cache-release"
MOST = 20


def nobody(group: str) -> frozenset[str]:
    """Return that a group has no members."""
    return frozenset()


def is_for_group(card: str) -> bool:
    """Return whether it is a direct message whose reader is a user group."""
    return card.startswith("dm:") and card.rpartition(":")[2].startswith("S")


def hand_on(due: DueCard, digest: str, ledger: Outbox, members: Members, now: datetime) -> None:
    """Ask for the message to each member, at most 20; the group's own is then settled.

    Raise OSError where Slack does not say who they are: then it is tried again.
    """
    prefix, _, group = due.card.rpartition(":")
    people = sorted(members(group))[:MOST]
    ledger.keep(
        Change(
            act="page handed on",
            by=BOT,
            at=now,
            release_id=int(prefix.split(":")[1]),
            body={"group": group, "members": people},
            cards=tuple(f"{prefix}:{person}" for person in people),
        )
    )
    ledger.card_sent(due.id, due.card, group, "none", digest, now)
