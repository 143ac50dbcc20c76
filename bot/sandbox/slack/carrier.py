"""Carries what people do to the app: once with a notice when it fails, events with retries."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

from bot.sandbox.slack.delivery import Answer, Delivery, Envelope, Kind, Outcome
from bot.sandbox.slack.state import Store

REASONS = {
    Outcome.LATE: "http_timeout",
    Outcome.FAILED: "http_error",
    Outcome.ABSENT: "connection_failed",
}


class Carrier:
    """Delivers envelopes.

    `ack_times` are the seconds from each press, command or form to its ack or to giving up.
    """

    def __init__(self, store: Store, delivery: Delivery) -> None:
        self._store = store
        self.delivery = delivery
        self.ack_times: list[float] = []
        self._underway: set[asyncio.Task[None]] = set()

    async def ask(self, person: str, envelope: Envelope, *, what: str) -> Answer:
        """Deliver what a person waits for; when it is not acked, that person gets a notice.

        `what` is what the notice speaks of: the command as typed, or the app's name.
        """
        started = time.perf_counter()
        answer = await self.delivery.deliver(envelope)
        self.ack_times.append(time.perf_counter() - started)
        if answer.outcome is not Outcome.ACKED:
            self._store.notice(person, self._sentence(answer.outcome, what))
        return answer

    def _sentence(self, outcome: Outcome, what: str) -> str:
        name = self._store.workspace.bot.name
        if outcome is Outcome.FAILED:
            return f'{what} failed with the error "dispatch_failed"'
        if outcome is Outcome.ABSENT:
            return f"{name} did not respond: it is not connected"
        return f"{name} did not respond within {self._store.timing.ack:g} seconds"

    def tell(self, payload: dict[str, Any]) -> None:
        """Deliver in the background what nobody waits for; events are tried again, as Slack does."""
        is_event = payload.get("type") == "event_callback"
        envelope = Envelope(kind=Kind.EVENT if is_event else Kind.INTERACTIVE, payload=payload)
        pauses = self._store.timing.event_retries if is_event else ()
        task = asyncio.get_running_loop().create_task(self._try(envelope, pauses))
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)

    async def _try(self, envelope: Envelope, pauses: tuple[float, ...]) -> None:
        answer = await self.delivery.deliver(envelope)
        for retry, pause in enumerate(pauses, start=1):
            if answer.outcome is Outcome.ACKED or not answer.may_retry:
                return
            await asyncio.sleep(pause)
            reason = REASONS[answer.outcome]
            again = replace(envelope, retry=retry, retry_reason=reason)
            answer = await self.delivery.deliver(again)

    def stop(self) -> None:
        """Give up what is still underway."""
        for task in self._underway:
            task.cancel()
