"""The messages that wait, as the delivery sees them, and where each belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.release.budget import Budget, Turn
from bot.release.records import Change, DueCard, Kept, Lost
from bot.slack.views import DrawnFrom


class Outbox(DrawnFrom, Protocol):
    """The messages that wait to be drawn."""

    def due_cards(
        self, at: datetime, limit: int, claimed_by: str, claim_s: float
    ) -> tuple[DueCard, ...]:
        """Claim messages that are due, a root before its thread."""
        ...

    def card_sent(
        self, due_id: int, card: str, channel: str, ts: str, digest: str, at: datetime
    ) -> None:
        """Record where a message stands and what it shows."""
        ...

    def card_later(self, due_id: int, not_before: datetime, error: str) -> None:
        """Record a failed sending, to be tried again."""
        ...

    def card_held(self, due_id: int, until: datetime) -> None:
        """Give a message back that could not be sent yet."""
        ...

    def card_found(self, due_id: int, card: str, channel: str, ts: str, at: datetime) -> None:
        """Record where a message stands that was posted unheard of."""
        ...

    def post_refused(self, due_id: int) -> None:
        """Note that a new message surely does not stand."""
        ...

    def take_turn(
        self, due_id: int, way: str, budget: Budget, at: datetime, *, hurry: bool, posts: bool
    ) -> Turn:
        """Count one call on that way out, where it may go now and the message is still ours."""
        ...

    def wait_on(self, way: str, until: datetime) -> None:
        """Keep every process off that way out until then."""
        ...

    def card_dead(self, due_id: int, error: str, at: datetime) -> None:
        """Record that a message is given up."""
        ...

    def message(self, card: str) -> tuple[str, str] | None:
        """Return the channel and timestamp of a message that was posted."""
        ...

    def take_back(self, due_id: int, card: str) -> None:
        """Forget a message that is no longer wanted; it is not posted anew."""
        ...

    def keep(self, change: Change) -> Kept | Lost:
        """Keep a change: more messages to draw, or somebody is told what could not be shown."""
        ...

    def picture_noted(self, card: str, digest: str, at: datetime) -> bool:
        """Note that a card's charts are uploaded as pictures; False where exactly these were noted before."""
        ...

    def forget_message(self, card: str) -> None:
        """Forget where a message was: it is gone."""
        ...


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a new message is posted."""

    channel: str
    thread: str | None = None
    broadcast: bool = False


def release_of(card: str, ledger: Outbox) -> int | None:
    """Return the release in whose thread a message stands."""
    kind, _, rest = card.partition(":")
    if kind == "notice":
        notice = ledger.notice(rest)
        return None if notice is None else notice.about
    number = rest.partition(":")[0]
    return int(number) if number.isdecimal() else None


def spot_of(card: str, ledger: Outbox) -> Spot | None:
    """Return where a message belongs; None while the root of its thread is not posted, or without a channel."""
    kind, _, rest = card.partition(":")
    if kind == "action":
        action = ledger.action(rest)
        return None if action is None or not action.channel else Spot(channel=action.channel)
    if kind == "notice":
        notice = ledger.notice(rest)
        if notice is None or notice.to is not None:
            return None if notice is None else Spot(channel=str(notice.to))
        rest = str(notice.about)
    number = rest.partition(":")[0]
    if kind == "root":
        story = ledger.story(int(number))
        return None if story is None else Spot(channel=story.release.channel)
    root = ledger.message(f"root:{number}")
    if root is None:
        return None
    return Spot(channel=root[0], thread=root[1], broadcast=kind == "end")
