"""From the ledger's outbox to Slack: each message drawn whole, posted once, then edited in place."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from slack_sdk import WebClient

from bot.effects.ledger.due import place_of
from bot.effects.log_context import about
from bot.release.catalog import Catalog
from bot.release.membership import no_answer
from bot.release.records import DueCard
from bot.release.undelivered import NO_CHANNEL, NOTHING_TO_DRAW
from bot.slack.caller import TIER_3, TIMEOUT_S, Caller, Held, TakenOver, edits
from bot.slack.calling import Members, call_people
from bot.slack.links import thread_link
from bot.slack.outbox import Outbox, release_of, spot_of
from bot.slack.picturing import still_grows, upload_charts
from bot.slack.sending import TRANSPORT, Next, Trouble, digest_of, fitting, plainer, trouble_of
from bot.slack.settling import give_up, later
from bot.slack.views import draw
from bot.slack.views.blocks import Card
from bot.slack.views.chart import charts_of, without_charts
from bot.slack.views.wording import Names, mention

log = logging.getLogger(__name__)

AT_ONCE = 20
CLAIM_S = 60
# A message that is begun after this may still be in Slack's hands when the claim ends.
BATCH_S = CLAIM_S - 3 * TIMEOUT_S
ROOT_WAIT = timedelta(seconds=1)


class Delivery:
    """Sends what is due. One Delivery sends one message at a time, which keeps a thread in order."""

    def __init__(
        self,
        client: WebClient,
        ledger: Outbox,
        catalog: Catalog,
        names: Names = mention,
        members: Members = no_answer,
        sender: str | None = None,
        *,
        edits_a_minute: int = TIER_3,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the worker's client; `names` says how a person is called, `members` who is in a group.

        `sender` is the name under which this process is known to be alive.
        """
        self._client = client
        self._caller = Caller(client, ledger, edits(edits_a_minute))
        self._ledger = ledger
        self._catalog = catalog
        self._names = names
        self._seconds = seconds
        self._members = members
        self._name = sender or f"delivery-{secrets.token_hex(4)}"

    def deliver_once(self, now: datetime) -> int:
        """Send what is due at `now`; return how many messages were dealt with."""
        begun = self._seconds()
        due = self._ledger.due_cards(now, AT_ONCE, self._name, CLAIM_S)
        away: Trouble | None = None
        for row in due:
            passed_s = self._seconds() - begun
            at = now + timedelta(seconds=passed_s)
            if away is not None or passed_s > BATCH_S:
                wait_s = 0.0 if away is None else away.wait_s
                self._ledger.card_held(row.id, at + timedelta(seconds=wait_s))
                continue
            with about(release=place_of(row.card).release_id):
                trouble = self._deliver(row, at)
            away = trouble if trouble is not None and trouble.away else None
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
            later(
                self._ledger,
                due,
                Trouble(next=Next.WAIT, error=repr(broken)[:200], wait_s=60.0),
                now,
            )
            return None
        if card is None:
            self._ledger.card_dead(due.id, NOTHING_TO_DRAW, now)
            return None
        return fitting(card)

    def _send(self, due: DueCard, card: Card, now: datetime) -> None:
        """Edit or post a message, as soon as it is its turn, or take one away that is not wanted any more."""
        if card.gone:
            self._caller.remove(due)
            self._ledger.take_back(due.id, due.card)
            return
            return
        try:
            if due.ts is not None and due.channel is not None:
                self._edit(due, card, due.channel, due.ts, now)
            else:
                self._post(due, card, now)
        except Held as held:
            self._ledger.card_held(due.id, held.until)
        except TakenOver:
            log.warning("%s was taken over by another sender", due.card)

    def _edit(self, due: DueCard, card: Card, channel: str, ts: str, now: datetime) -> None:
        digest = digest_of(card)
        if due.digest != digest and not card.files:
            self._caller.edit(due, card, channel, ts, now)
        self._ledger.card_sent(due.id, due.card, channel, ts, digest, now)

    def _post(self, due: DueCard, card: Card, now: datetime) -> None:
        spot = spot_of(due.card, self._ledger)
        if spot is None and due.card.startswith("action:"):
            self._ledger.card_dead(due.id, NO_CHANNEL, now)
            return
        if spot is None:
            self._ledger.card_held(due.id, now + ROOT_WAIT)
            return
        stands = self._caller.found(due, card, spot, now)
        if stands is not None:
            self._ledger.card_found(due.id, due.card, *stands, now)
            return
        channel, ts = self._caller.post(due, card, spot, now)
        self._ledger.card_sent(due.id, due.card, channel, ts, digest_of(card), now)

    def _link(self, release: int | None) -> str | None:
        return thread_link(self._client, self._ledger.message, release)

    def _settle(self, due: DueCard, card: Card, trouble: Trouble, now: datetime) -> None:
        log.warning("%s was not sent: %s", due.card, trouble.error)
        match trouble.next:
            case Next.RATE_LIMITED:
                self._ledger.card_held(due.id, now + timedelta(seconds=trouble.wait_s))
            case Next.WAIT:
                later(self._ledger, due, trouble, now)
            case Next.GIVE_UP:
                give_up(self._ledger, due, trouble.error, now)
            case Next.POST_ANEW:
                self._ledger.forget_message(due.card)
                self._once_more(replace(due, channel=None, ts=None, digest=None), card, now)
            case Next.THREAD_GONE:
                self._ledger.forget_message(f"root:{release_of(due.card, self._ledger)}")
                self._ledger.card_held(due.id, now + ROOT_WAIT)
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
                later(self._ledger, due, trouble, now)
            else:
                give_up(self._ledger, due, trouble.error, now)
