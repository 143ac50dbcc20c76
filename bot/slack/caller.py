"""Calls Slack for one message: at the pace of all senders together, and never posting what may stand already."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.effects.fault_points import Point, reached
from bot.release.budget import Budget
from bot.release.records import DueCard
from bot.slack.finding import find_standing
from bot.slack.outbox import Outbox, Spot
from bot.slack.sending import NOT_THERE, TRANSPORT, Next, content, trouble_of
from bot.slack.timing import count_rate_limit
from bot.slack.uploading import upload
from bot.slack.views.blocks import Card

log = logging.getLogger(__name__)

# Slack: one message a second and channel in the long run, short bursts are allowed.
# https://docs.slack.dev/apis/web-api/rate-limits
POSTS = Budget(calls=10, seconds=10.0, kept=2)
# Tier 3: 50 a minute for the whole workspace.
TIER_3 = 50
LOOKS = Budget(calls=45, seconds=60.0)
TIMEOUT_S = 10
UPDATE, POST = "chat.update", "chat.postMessage"


def sending_client(token: str, base_url: str) -> WebClient:
    """Return a client for the worker: it waits longer, and never sends a post twice by itself."""
    return WebClient(token=token, base_url=base_url, timeout=TIMEOUT_S, retry_handlers=[])


def edits(a_minute: int) -> Budget:
    """Return the budget of edits, 3 of 10 kept for what a person waits for; progress has the rest."""
    return Budget(calls=a_minute, seconds=60.0, kept=a_minute * 3 // 10)


class Held(Exception):
    """It is not this message's turn yet, on that way out."""

    def __init__(self, way: str, until: datetime) -> None:
        """Take the way out and from when on it is free."""
        super().__init__(way)
        self.way = way
        self.until = until


class TakenOver(Exception):
    """Another sender has this message now."""


class Caller:
    """Edits and posts one message at a time."""

    def __init__(self, client: WebClient, ledger: Outbox, edits: Budget) -> None:
        """Take a client that repeats nothing by itself, and the workspace's budget of edits."""
        self._client = client
        self._edits = edits
        self._ledger = ledger

    def edit(self, due: DueCard, card: Card, channel: str, ts: str, at: datetime) -> None:
        """Draw a message anew where it stands; raise Held, TakenOver or what Slack's client raises."""
        self._turn(due, UPDATE, self._edits, at)
        edited = f"an edit of {_kind(due)}"
        reached(Point.SENDS, edited)
        with self._paced(UPDATE, at):
            self._client.chat_update(channel=channel, ts=ts, **content(card))
        reached(Point.SENT, edited)

    def post(self, due: DueCard, card: Card, spot: Spot, at: datetime) -> tuple[str, str]:
        """Post a new message and return its channel and timestamp; raise as `edit` does."""
        way = f"{POST} {spot.channel}"
        self._turn(due, way, POSTS, at, posts=True)
        reached(Point.SENDS, _kind(due))
        try:
            with self._paced(way, at):
                posted = self._posted(due, card, spot)
            reached(Point.SENT, _kind(due))
            return posted
        except TRANSPORT as error:
            if not trouble_of(error, due.attempts).away:
                self._ledger.post_refused(due.id)
            raise

    def remove(self, due: DueCard) -> None:
        """Take a message away where it stands; one that was never posted, or is gone, is no trouble."""
        if due.ts is None or due.channel is None:
            return
        try:
            self._client.chat_delete(channel=due.channel, ts=due.ts)
        except SlackApiError as error:
            if error.response.get("error") not in NOT_THERE:
                raise

    def _posted(self, due: DueCard, card: Card, spot: Spot) -> tuple[str, str]:
        if card.files:
            return spot.channel, upload(self._client, card, spot)
        sent = self._client.chat_postMessage(
            channel=spot.channel,
            thread_ts=spot.thread,
            reply_broadcast=spot.broadcast or None,
            metadata={"event_type": "cache_release", "event_payload": {"card": due.card}},
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
            **content(card),
        )
        return sent["channel"], sent["ts"]

    def found(self, due: DueCard, card: Card, spot: Spot, at: datetime) -> tuple[str, str] | None:
        """Return where a message stands whose posting was never answered; None where it does not.

        Raise as `edit` does. A channel that may not be read is no reason to say nothing in it.
        """
        if due.unsure_since is None:
            return None
        way = "conversations.history" if spot.thread is None else "conversations.replies"
        self._turn(due, way, LOOKS, at)
        with self._paced(way, at):
            try:
                return find_standing(self._client, due, card, spot)
            except SlackApiError as error:
                trouble = trouble_of(error, due.attempts)
                if trouble.away or trouble.next in {Next.RATE_LIMITED, Next.THREAD_GONE}:
                    raise
                log.warning("%s may stand already, but %s: posting it", due.card, trouble.error)
                return None

    def _turn(
        self, due: DueCard, way: str, budget: Budget, at: datetime, *, posts: bool = False
    ) -> None:
        turn = self._ledger.take_turn(due.id, way, budget, at, hurry=due.hurry, posts=posts)
        if not turn.mine:
            raise TakenOver
        if turn.wait_until is not None:
            raise Held(way, turn.wait_until)

    @contextmanager
    def _paced(self, way: str, at: datetime) -> Iterator[None]:
        """Tell every process to wait as long as Slack asks."""
        try:
            yield
        except SlackApiError as error:
            trouble = trouble_of(error, 0)
            if trouble.next is Next.RATE_LIMITED:
                count_rate_limit(way)
                self._ledger.wait_on(way, at + timedelta(seconds=trouble.wait_s))
            raise


def _kind(due: DueCard) -> str:
    return due.card.partition(":")[0]
