"""From the ledger's outbox to Slack: each message drawn whole, posted once, then edited in place."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.release.catalog import Catalog
from bot.release.records import DueCard
from bot.slack.calling import Members, call_people, nobody
from bot.slack.links import thread_link
from bot.slack.outbox import Outbox, Spot, spot_of
from bot.slack.picturing import still_grows, upload_charts
from bot.slack.sending import (
    NOT_THERE,
    TRANSPORT,
    Next,
    Trouble,
    backoff,
    content,
    digest_of,
    fitting,
    plainer,
    trouble_of,
)
from bot.slack.uploading import upload
from bot.slack.views import draw
from bot.slack.views.blocks import Card
from bot.slack.views.chart import charts_of, without_charts
from bot.slack.views.wording import Names, mention

log = logging.getLogger(__name__)

AT_ONCE = 20
CLAIM_S = 60
TIMEOUT_S = 10
MOST_ATTEMPTS = 20
ROOT_WAIT = timedelta(seconds=1)


def sending_client(token: str, base_url: str) -> WebClient:
    """Return a client for the worker: it waits longer, and never sends a post twice by itself."""
    return WebClient(token=token, base_url=base_url, timeout=TIMEOUT_S, retry_handlers=[])


class Delivery:
    """Sends what is due. One Delivery sends one message at a time, which keeps a thread in order."""

    def __init__(
        self,
        client: WebClient,
        ledger: Outbox,
        catalog: Catalog,
        names: Names = mention,
        members: Members = nobody,
    ) -> None:
        """Take the worker's client; `names` says how a person is called, `members` who is in a group."""
        self._client = client
        self._ledger = ledger
        self._catalog = catalog
        self._names = names
        self._members = members
        self._name = f"delivery-{secrets.token_hex(4)}"

    def deliver_once(self, now: datetime) -> int:
        """Send what is due at `now`; return how many messages were dealt with."""
        due = self._ledger.due_cards(now, AT_ONCE, self._name, CLAIM_S)
        held: Trouble | None = None
        for row in due:
            if held is not None:
                self._later(row, held, now)
                continue
            trouble = self._deliver(row, now)
            held = trouble if trouble and trouble.next is Next.RATE_LIMITED else None
        return len(due)

    def _deliver(self, due: DueCard, now: datetime) -> Trouble | None:
        card = self._drawn(due, now)
        if card is None:
            return None
        try:
            self._send(due, card, now)
        except TRANSPORT as error:
            trouble = trouble_of(error, due.attempts)
            self._settle(due, card, trouble, now)
            return trouble
        return None

    def _drawn(self, due: DueCard, now: datetime) -> Card | None:
        """Draw a message; one that cannot be drawn is tried again, then given up, and never stops the rest."""
        try:
            call_people(due.card, self._ledger, self._catalog, self._members, now)
            card = draw(due.card, self._ledger, self._catalog, self._names, self._link)
        except Exception as broken:
            log.exception("%s could not be drawn", due.card)
            self._later(due, Trouble(next=Next.WAIT, error=repr(broken)[:200], wait_s=60.0), now)
            return None
        if card is None:
            self._ledger.card_dead(due.id, "there is nothing to draw", now)
            return None
        return fitting(card)

    def _send(self, due: DueCard, card: Card, now: datetime) -> None:
        digest = digest_of(card)
        if card.gone:
            self._take_back(due)
            return
        if due.ts is not None and due.channel is not None:
            if due.digest != digest and not card.files:
                self._client.chat_update(channel=due.channel, ts=due.ts, **content(card))
            self._ledger.card_sent(due.id, due.card, due.channel, due.ts, digest, now)
            return
        spot = spot_of(due.card, self._ledger)
        if spot is None and due.card.startswith("action:"):
            self._ledger.card_dead(due.id, "it was asked where there is no channel", now)
            return
        if spot is None:
            self._ledger.card_later(due.id, now + ROOT_WAIT, "its root message is not posted yet")
            return
        self._post(due, card, spot, digest, now)

    def _take_back(self, due: DueCard) -> None:
        """Take a message away where it stands; one that was never posted, or is gone, is just forgotten."""
        if due.ts is not None and due.channel is not None:
            try:
                self._client.chat_delete(channel=due.channel, ts=due.ts)
            except SlackApiError as error:
                if error.response.get("error") not in NOT_THERE:
                    raise
        self._ledger.take_back(due.id, due.card)

    def _post(self, due: DueCard, card: Card, spot: Spot, digest: str, now: datetime) -> None:
        if card.files:
            shown = upload(self._client, card, spot)
            self._ledger.card_sent(due.id, due.card, spot.channel, shown, digest, now)
            return
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
        self._ledger.card_sent(due.id, due.card, sent["channel"], sent["ts"], digest, now)

    def _link(self, release: int | None) -> str | None:
        return thread_link(self._client, self._ledger.message, release)

    def _settle(self, due: DueCard, card: Card, trouble: Trouble, now: datetime) -> None:
        log.warning("%s was not sent: %s", due.card, trouble.error)
        match trouble.next:
            case Next.WAIT | Next.RATE_LIMITED:
                self._later(due, trouble, now)
            case Next.GIVE_UP:
                self._ledger.card_dead(due.id, trouble.error, now)
            case Next.POST_ANEW:
                self._ledger.forget_message(due.card)
                self._once_more(replace(due, channel=None, ts=None, digest=None), card, now)
            case Next.PLAINER if charts_of(card):
                self._as_picture(due, card, now)
            case Next.PLAINER:
                self._once_more(due, plainer(card), now)

    def _as_picture(self, due: DueCard, card: Card, now: datetime) -> None:
        """Send the card without its charts, and those as pictures into the thread."""
        try:
            self._send(due, without_charts(card), now)
        except TRANSPORT as error:
            self._settle(due, without_charts(card), trouble_of(error, due.attempts), now)
            return
        if not still_grows(due.card, self._ledger):
            upload_charts(self._client, self._ledger, due.card, card, now)

    def _once_more(self, due: DueCard, card: Card, now: datetime) -> None:
        """Try another way at once; if that fails too, wait or give up, but do not loop."""
        try:
            self._send(due, card, now)
        except TRANSPORT as error:
            trouble = trouble_of(error, due.attempts)
            if trouble.next in {Next.WAIT, Next.RATE_LIMITED}:
                self._later(due, trouble, now)
            else:
                self._ledger.card_dead(due.id, trouble.error, now)

    def _later(self, due: DueCard, trouble: Trouble, now: datetime) -> None:
        if due.attempts >= MOST_ATTEMPTS and trouble.next is not Next.RATE_LIMITED:
            self._ledger.card_dead(due.id, trouble.error, now)
            return
        wait_s = trouble.wait_s or backoff(due.attempts)
        self._ledger.card_later(due.id, now + timedelta(seconds=wait_s), trouble.error)
